// SPDX-License-Identifier: MIT
#include "opts.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/**
 * struct opts_sink - takes the mistakes of one option
 * @sink:   what a kind of value knows of it
 * @opts:   the command
 * @opt:    the option
 * @errors: takes the lines
 * @nr:     of them
 */
struct opts_sink {
	struct value_sink sink;
	const struct opts *opts;
	const struct opt *opt;
	FILE *errors;
	unsigned int nr;
};

static void wrong(struct opts_sink *s, const char *item, int len,
		  const char *why)
{
	fprintf(s->errors, "%s: --%s%s%.*s%s: %s; allowed: ", s->opts->command,
		s->opt->name, len ? " '" : "", len, item, len ? "'" : "", why);
	s->opt->kind->allowed(&s->opt->range, s->errors);
	fputc('\n', s->errors);
	s->nr++;
}

static void bad_value(struct value_sink *sink, const char *item, size_t len,
		      const char *why)
{
	wrong((struct opts_sink *)sink, item, len < 60 ? (int)len : 60, why);
}

static void take(struct opts_sink *s, void *o, const char *text)
{
	s->opt->kind->parse(&s->opt->range, (char *)o + s->opt->field, text,
			    &s->sink);
}

static void help(const struct opts *opts)
{
	const struct opt *opt;
	char left[60];
	unsigned int i;

	printf("usage: %s [OPTION...]\n%s\n\n", opts->command, opts->about);
	for (i = 0; i < opts->nr; i++) {
		opt = &opts->opt[i];
		snprintf(left, sizeof(left), "--%s %s", opt->name, opt->arg);
		printf("  %-22s %s%s%s%s\n", left, opt->help,
		       opt->def ? " [" : "", opt->def ? opt->def : "",
		       opt->def ? "]" : "");
	}
	puts("\nLIST is a comma list or `all`; sizes as 64,4K,2M. In brackets: "
	     "the default.");
}

/* The option that @arg names, with or without its value. */
static const struct opt *find(const struct opts *opts, const char *arg)
{
	const size_t len = strcspn(arg, "=");
	unsigned int i;

	for (i = 0; i < opts->nr; i++)
		if (strlen(opts->opt[i].name) == len &&
		    !strncmp(opts->opt[i].name, arg, len))
			return &opts->opt[i];
	return NULL;
}

/* The value of the option at argv[*i], or NULL. */
static const char *value_of(int argc, char **argv, int *i)
{
	const char *equals = strchr(argv[*i], '=');

	if (equals)
		return equals + 1;
	return *i + 1 < argc ? argv[++*i] : NULL;
}

unsigned int opts_parse(const struct opts *opts, void *o, int argc,
			char **argv, FILE *errors)
{
	struct opts_sink s = { { bad_value }, opts, NULL, errors, 0 };
	bool seen[OPTS_MAX] = { false };
	const char *value;
	unsigned int k;
	int i;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--help")) {
			help(opts);
			exit(0);
		}
		s.opt = strncmp(argv[i], "--", 2) ? NULL :
			find(opts, argv[i] + 2);
		if (!s.opt) {
			fprintf(errors, "%s: '%s': no such option; see --help\n",
				opts->command, argv[i]);
			s.nr++;
			continue;
		}
		value = value_of(argc, argv, &i);
		k = (unsigned int)(s.opt - opts->opt);
		if (!value)
			wrong(&s, "", 0, "value missing");
		else if (seen[k])
			wrong(&s, "", 0, "given a second time");
		else
			take(&s, o, value);
		seen[k] = true;
	}
	for (k = 0; k < opts->nr; k++) {
		s.opt = &opts->opt[k];
		if (!seen[k] && s.opt->def)
			take(&s, o, s.opt->def);
	}
	return s.nr;
}

void opts_print(const struct opts *opts, const void *o, FILE *f)
{
	const struct opt *opt;
	const char *sep = "";
	unsigned int i;

	for (i = 0; i < opts->nr; i++) {
		opt = &opts->opt[i];
		if (!opt->def)
			continue;
		fprintf(f, "%s%s=", sep, opt->name);
		opt->kind->print(&opt->range, (const char *)o + opt->field, f);
		sep = " ";
	}
}
