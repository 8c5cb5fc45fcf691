// SPDX-License-Identifier: MIT
#include "opts.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Keys that no character has, so that there are long options only. */
#define KEY_OF(i)	((int)(i) + 0x100)

/**
 * struct parsing - while the arguments are read
 * @opts:   the table
 * @o:      the result
 * @errors: takes a line per mistake
 * @nr:     of mistakes
 * @seen:   options that were given
 */
struct parsing {
	const struct opts *opts;
	void *o;
	FILE *errors;
	unsigned int nr;
	bool seen[OPTS_MAX];
};

static void complain(struct parsing *p, const struct opt *opt,
		     const char *value, const char *why)
{
	fprintf(p->errors, "%s: --%s%s: %s; allowed: ", p->opts->command,
		opt->name, value, why);
	opt->kind->allowed(&opt->range, p->errors);
	fputc('\n', p->errors);
	p->nr++;
}

static void complain_of_word(struct parsing *p, const char *word,
			     const char *why)
{
	fprintf(p->errors, "%s: '%s': %s; see --help\n", p->opts->command,
		word, why);
	p->nr++;
}

/* The mistakes of one option. */
struct opt_sink {
	struct value_sink sink;
	struct parsing *p;
	const struct opt *opt;
};

static void bad_value(struct value_sink *sink, const char *item, size_t len,
		      const char *why)
{
	struct opt_sink *s = (struct opt_sink *)sink;
	char value[80];

	snprintf(value, sizeof(value), " '%.*s'", (int)(len < 60 ? len : 60),
		 item);
	complain(s->p, s->opt, value, why);
}

static void take(struct parsing *p, const struct opt *opt, const char *text)
{
	struct opt_sink s = { { bad_value }, p, opt };

	opt->kind->parse(&opt->range, (char *)p->o + opt->field, text,
			 &s.sink);
}

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct parsing *p = state->input;
	const size_t i = (size_t)(key - KEY_OF(0));
	const struct opt *opt;

	if (key == ARGP_KEY_ARG) {
		complain_of_word(p, arg, "options only");
		return 0;
	}
	if (key < KEY_OF(0) || i >= p->opts->nr)
		return ARGP_ERR_UNKNOWN;
	opt = &p->opts->opt[i];
	if (p->seen[i] && opt->arg && opt->kind != p->opts->repeats)
		complain(p, opt, "", "given a second time");
	else
		take(p, opt, arg);
	p->seen[i] = true;
	return 0;
}

/* The example and the exit codes go behind what is said last. */
static char *help_end(const struct opts *opts, const char *text)
{
	const char *sep = "";
	char *help = NULL;
	size_t len;
	FILE *f;

	f = open_memstream(&help, &len);
	if (!f)
		return (char *)text;
	if (text) {
		fputs(text, f);
		sep = "\n\n";
	}
	if (opts->example) {
		fprintf(f, "%seg, %s", sep, opts->example);
		sep = "\n\n";
	}
	if (opts->exits)
		fprintf(f, "%sExit: %s", sep, opts->exits);
	fclose(f);
	return help;
}

/* --help shows the defaults of the table. */
static char *help_filter(int key, const char *text, void *input)
{
	const struct parsing *p = input;
	const struct opts *opts = p->opts;
	const struct opt *opt;
	char *help = NULL;
	unsigned int i;
	size_t len;
	FILE *f;

	if (key == ARGP_KEY_HELP_POST_DOC)
		return help_end(opts, text);
	if (key < KEY_OF(0) || key >= KEY_OF(opts->nr))
		return (char *)text;
	opt = &opts->opt[key - KEY_OF(0)];
	if (!opt->def)
		return (char *)text;
	f = open_memstream(&help, &len);
	if (!f)
		return (char *)text;
	fprintf(f, "%s [%s", text, opt->def);
	for (i = 0; i < opts->presets; i++)
		if (!strcmp(opts->preset[i].opt, opt->name))
			fprintf(f, "; %s: %s", opts->preset[i].flag,
				opts->preset[i].def);
	fputc(']', f);
	fclose(f);
	return help;
}

/* The one option that @arg, of the form --name or --name=value, may mean. */
static const struct opt *find_opt(const struct opts *opts, const char *arg)
{
	size_t len = strcspn(arg + 2, "=");
	const struct opt *found = NULL;
	unsigned int i;

	for (i = 0; i < opts->nr; i++) {
		if (strncmp(opts->opt[i].name, arg + 2, len))
			continue;
		if (!opts->opt[i].name[len])
			return &opts->opt[i];
		if (found)
			return NULL;
		found = &opts->opt[i];
	}
	return found;
}

static bool is_help(const char *arg)
{
	return !strcmp(arg, "--help") || !strcmp(arg, "--usage") ||
	       !strcmp(arg, "-?");
}

/*
 * Take out what argp would stop at: options nobody knows, values that are not
 * there. What is left it parses to the end, so that no mistake hides another.
 */
static int drop_unknown(struct parsing *p, int argc, char **argv, char **kept)
{
	int i, nr = 0;

	kept[nr++] = argv[0];
	for (i = 1; i < argc; i++) {
		const struct opt *opt;
		bool dashes = !strncmp(argv[i], "--", 2) && argv[i][2];

		if (argv[i][0] != '-' || is_help(argv[i])) {
			kept[nr++] = argv[i];
			continue;
		}
		opt = dashes ? find_opt(p->opts, argv[i]) : NULL;
		if (!opt || (!opt->arg && strchr(argv[i], '='))) {
			complain_of_word(p, argv[i], "no such option");
			continue;
		}
		if (opt->arg && !strchr(argv[i], '=')) {
			if (i + 1 == argc) {
				complain(p, opt, "", "value missing");
				continue;
			}
			kept[nr++] = argv[i++];
		}
		kept[nr++] = argv[i];
	}
	kept[nr] = NULL;
	return nr;
}

static bool flag_is_set(const struct parsing *p, const char *name)
{
	unsigned int i;

	for (i = 0; i < p->opts->nr; i++)
		if (!strcmp(p->opts->opt[i].name, name))
			return *(const bool *)((const char *)p->o +
						p->opts->opt[i].field);
	return false;
}

static void set_defaults(struct parsing *p)
{
	const struct opts *opts = p->opts;
	const struct opts_preset *preset;
	const char *def;
	unsigned int i, k;

	for (i = 0; i < opts->nr; i++) {
		def = opts->opt[i].def;
		for (k = 0; k < opts->presets; k++) {
			preset = &opts->preset[k];
			if (!strcmp(preset->opt, opts->opt[i].name) &&
			    flag_is_set(p, preset->flag))
				def = preset->def;
		}
		if (!p->seen[i] && def)
			take(p, &opts->opt[i], def);
	}
}

/* What argp knows of them; @option holds OPTS_MAX and one. */
static struct argp argp_of(const struct opts *opts, struct argp_option *option)
{
	unsigned int i;

	memset(option, 0, (OPTS_MAX + 1) * sizeof(*option));
	for (i = 0; i < opts->nr; i++) {
		option[i].name = opts->opt[i].name;
		option[i].key = KEY_OF(i);
		option[i].arg = opts->opt[i].arg;
		option[i].doc = opts->opt[i].help;
	}
	return (struct argp) {
		.options = option,
		.parser = parse_opt,
		.doc = opts->about,
		.help_filter = help_filter,
	};
}

unsigned int opts_parse(const struct opts *opts, void *o, int argc,
			char **argv, FILE *errors, bool *seen)
{
	struct parsing p = { .opts = opts, .o = o, .errors = errors };
	struct argp_option option[OPTS_MAX + 1];
	const struct argp argp = argp_of(opts, option);
	char **kept;

	if (argc == 2 && !strcmp(argv[1], OPTS_LIST)) {
		opts_list(opts, stdout);
		exit(fflush(stdout) ? 1 : 0);
	}
	kept = calloc((size_t)argc + 1, sizeof(*kept));
	if (!kept) {
		fprintf(errors, "%s: %s\n", opts->command, strerror(ENOMEM));
		return 1;
	}
	argc = drop_unknown(&p, argc, argv, kept);
	argp_parse(&argp, argc, kept, ARGP_IN_ORDER, NULL, &p);
	free(kept);
	set_defaults(&p);
	if (seen)
		memcpy(seen, p.seen, sizeof(p.seen));
	return p.nr;
}

void opts_help(const struct opts *opts)
{
	char *argv[] = { (char *)opts->command, (char *)"--help", NULL };
	struct parsing p = { .opts = opts };
	struct argp_option option[OPTS_MAX + 1];
	const struct argp argp = argp_of(opts, option);

	argp_parse(&argp, 2, argv, ARGP_NO_EXIT, NULL, &p);
}

static bool is_unset(const struct opt *opt, const void *field)
{
	return (opt->kind == &kind_number &&
		*(const uint64_t *)field == OPTION_UNSET) ||
	       (opt->kind == &kind_text && !*(const char *const *)field);
}

void opts_print(const struct opts *opts, const void *o, const char *but,
		FILE *f)
{
	const char *sep = "";
	unsigned int i;

	for (i = 0; i < opts->nr; i++) {
		const struct opt *opt = &opts->opt[i];
		const void *field = (const char *)o + opt->field;

		if ((but && !strcmp(opt->name, but)) || is_unset(opt, field))
			continue;
		fprintf(f, "%s%s=", sep, opt->name);
		opt->kind->print(&opt->range, field, f);
		sep = " ";
	}
}
