// SPDX-License-Identifier: MIT
#include "opts.h"

#include <string.h>

static bool is_any(const struct value_kind *kind,
		   const struct value_kind *const *kinds)
{
	for (; *kinds; kinds++)
		if (kind == *kinds)
			return true;
	return false;
}

static bool takes_list(const struct opt *opt)
{
	static const struct value_kind *const lists[] = {
		&kind_names, &kind_rings, &kind_sizes, &kind_numbers,
		&kind_specials, NULL
	};

	return is_any(opt->kind, lists);
}

/* `all` is a word of every list but this one, which may have its own. */
static bool takes_all(const struct opt *opt)
{
	return takes_list(opt) && opt->kind != &kind_specials;
}

/* Words that stand for something; a tab and a line end are in none. */
static void put_values(const struct opt *opt, FILE *f)
{
	if (opt->range.names)
		names_print(opt->range.names, f, ",");
	if (takes_all(opt))
		fputs(opt->range.names ? ",all" : "all", f);
}

static void put_presets(const struct opts *opts, const struct opt *opt,
			FILE *f)
{
	const char *sep = "";
	unsigned int i;

	for (i = 0; i < opts->presets; i++) {
		if (strcmp(opts->preset[i].opt, opt->name))
			continue;
		fprintf(f, "%s%s=%s", sep, opts->preset[i].flag,
			opts->preset[i].def);
		sep = " ";
	}
}

static void put_option(const struct opts *opts, const struct opt *opt, FILE *f)
{
	fprintf(f, "%s\t%s\t", opt->name, opt->arg ? opt->arg : "");
	if (takes_list(opt))
		fputs("list", f);
	else if (opts->repeats && opt->kind == opts->repeats)
		fputs("again", f);
	else
		fputs(opt->arg ? "one" : "flag", f);
	fputc('\t', f);
	put_values(opt, f);
	fprintf(f, "\t%s\t", opt->def ? opt->def : "");
	put_presets(opts, opt, f);
	fputc('\t', f);
	if (opt->arg)
		opt->kind->allowed(&opt->range, f);
	fprintf(f, "\t%s\n", opt->help);
}

static void put_head(const struct opts *opts, FILE *f)
{
	const int len = (int)strcspn(opts->about, "\v");

	fprintf(f, "#command: %s\n#about: %.*s\n", opts->command, len,
		opts->about);
	if (opts->about[len])
		fprintf(f, "#more: %s\n", opts->about + len + 1);
	if (opts->example)
		fprintf(f, "#example: %s\n", opts->example);
	if (opts->exits)
		fprintf(f, "#exits: %s\n", opts->exits);
}

void opts_list(const struct opts *opts, FILE *f)
{
	unsigned int i;

	put_head(opts, f);
	fputs("option\targument\ttakes\tvalues\tdefault\tother_defaults\t"
	      "allowed\tmeaning\n", f);
	for (i = 0; i < opts->nr; i++)
		put_option(opts, &opts->opt[i], f);
}
