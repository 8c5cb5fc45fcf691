// SPDX-License-Identifier: MIT
#include "options_table.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pagecopy/abi.h"
#include "rate.h"

/* Keys that no character has, so that there are long options only. */
#define KEY_OF(i)	((int)(i) + 0x100)

/**
 * struct parsing - while the arguments are read
 * @o:      the result
 * @errors: takes a line per mistake
 * @nr:     of mistakes
 * @seen:   options that were given
 */
struct parsing {
	struct options *o;
	FILE *errors;
	unsigned int nr;
	bool seen[OPTS_MAX];
};

static void *field_of(struct options *o, const struct opt *opt)
{
	return (char *)o + opt->field;
}

static void complain(struct parsing *p, const struct opt *opt,
		     const char *value, const char *why)
{
	fprintf(p->errors, "--%s%s: %s; allowed: ", opt->name, value, why);
	opt->kind->allowed(&opt->range, p->errors);
	fputc('\n', p->errors);
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

	opt->kind->parse(&opt->range, field_of(p->o, opt), text, &s.sink);
}

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct parsing *p = state->input;
	size_t i = (size_t)(key - KEY_OF(0));

	if (key == ARGP_KEY_ARG) {
		fprintf(p->errors, "'%s': options only; see --help\n", arg);
		p->nr++;
		return 0;
	}
	if (key < KEY_OF(0) || i >= opts_nr)
		return ARGP_ERR_UNKNOWN;
	if (p->seen[i] && opts[i].arg && opts[i].kind != &kind_pairs)
		complain(p, &opts[i], "", "given a second time");
	else
		take(p, &opts[i], arg);
	p->seen[i] = true;
	return 0;
}

/* --help shows the defaults of the table. */
static char *help_filter(int key, const char *text, void *input)
{
	const struct opt *opt = &opts[key - KEY_OF(0)];
	char *help;

	(void)input;
	if (key < KEY_OF(0) || key >= KEY_OF(opts_nr) || !opt->def)
		return (char *)text;
	if (asprintf(&help, "%s [%s%s%s%s%s]", text, opt->def,
		     opt->quick ? "; quick: " : "",
		     opt->quick ? opt->quick : "",
		     opt->full ? "; full: " : "",
		     opt->full ? opt->full : "") < 0)
		return (char *)text;
	return help;
}

/* The one option that @arg, of the form --name or --name=value, may mean. */
static const struct opt *find_opt(const char *arg)
{
	size_t len = strcspn(arg + 2, "=");
	const struct opt *found = NULL;
	size_t i;

	for (i = 0; i < opts_nr; i++) {
		if (strncmp(opts[i].name, arg + 2, len))
			continue;
		if (!opts[i].name[len])
			return &opts[i];
		if (found)
			return NULL;
		found = &opts[i];
	}
	return found;
}

static bool is_help(const char *arg)
{
	return !strcmp(arg, "--help") || !strcmp(arg, "--usage") ||
	       !strcmp(arg, "--version") || !strcmp(arg, "-?") ||
	       !strcmp(arg, "-V");
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
		opt = dashes ? find_opt(argv[i]) : NULL;
		if (!opt || (!opt->arg && strchr(argv[i], '='))) {
			fprintf(p->errors, "'%s': no such option; see --help\n",
				argv[i]);
			p->nr++;
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

static void set_defaults(struct parsing *p)
{
	size_t i;

	for (i = 0; i < opts_nr; i++) {
		const char *def = opts[i].def;

		if (p->o->quick && opts[i].quick)
			def = opts[i].quick;
		if (p->o->full && opts[i].full)
			def = opts[i].full;
		if (!p->seen[i] && def)
			take(p, &opts[i], def);
		if (!p->seen[i] && opts[i].field == FIELD(slice_ms) &&
		    rate_any(p->o))
			p->o->slice_ms = RATE_SLICE_MS;
	}
}

/* An offset or a size that is wrong by itself is on neither list. */
static void check_offsets(struct parsing *p)
{
	const struct list *sizes = &p->o->axis[AXIS_SIZE];
	const struct list *offsets = &p->o->axis[AXIS_OFFSET];
	unsigned int i, k;

	for (k = 0; k < offsets->nr; k++)
		for (i = 0; i < sizes->nr; i++) {
			if (offsets->value[k] + sizes->value[i] <= SIZE_LIMIT)
				continue;
			fputs("--offset ", p->errors);
			print_size(offsets->value[k], p->errors);
			fputs(" --size ", p->errors);
			print_size(sizes->value[i], p->errors);
			fputs(": past the page; allowed: offset + size up to ",
			      p->errors);
			print_size(SIZE_LIMIT, p->errors);
			fputc('\n', p->errors);
			p->nr++;
		}
}

static void check_together(struct parsing *p)
{
	if (p->o->quick && p->o->full) {
		fputs("--quick --full: only one of them\n", p->errors);
		p->nr++;
	}
	check_offsets(p);
	p->nr += rate_check(p->o, p->errors);
}

static void fill_argp_options(struct argp_option *a)
{
	size_t i;

	for (i = 0; i < opts_nr; i++) {
		a[i].name = opts[i].name;
		a[i].key = KEY_OF(i);
		a[i].arg = opts[i].arg;
		a[i].doc = opts[i].help;
	}
}

unsigned int options_parse(struct options *o, int argc, char **argv,
			   FILE *errors)
{
	struct argp_option options[OPTS_MAX + 1] = { 0 };
	const struct argp argp = {
		.options = options,
		.parser = parse_opt,
		.doc = "Measure every cell of the sweep in shuffled rounds.\v"
		       "LIST is a comma list or `all`; sizes as 64,4K,2M. "
		       "In brackets: the default.",
		.help_filter = help_filter,
	};
	struct parsing p = { .o = o, .errors = errors };
	char **kept;

	memset(o, 0, sizeof(*o));
	o->seed = OPTION_UNSET;
	o->cpu = OPTION_UNSET;
	o->sq_cpu = OPTION_UNSET;
	fill_argp_options(options);
	kept = calloc((size_t)argc + 1, sizeof(*kept));
	if (!kept) {
		fprintf(errors, "%s\n", strerror(ENOMEM));
		return 1;
	}
	argc = drop_unknown(&p, argc, argv, kept);
	argp_parse(&argp, argc, kept, ARGP_IN_ORDER, NULL, &p);
	free(kept);
	set_defaults(&p);
	check_together(&p);
	return p.nr;
}

void options_print(const struct options *o, FILE *f)
{
	size_t i;

	for (i = 0; i < opts_nr; i++) {
		const void *field = (const char *)o + opts[i].field;

		if (opts[i].field == FIELD(resume) ||
		    (opts[i].field == FIELD(seed) && o->seed == OPTION_UNSET) ||
		    (opts[i].field == FIELD(cpu) && o->cpu == OPTION_UNSET) ||
		    (opts[i].field == FIELD(sq_cpu) &&
		     o->sq_cpu == OPTION_UNSET))
			continue;
		fprintf(f, "%s%s=", i ? " " : "", opts[i].name);
		opts[i].kind->print(&opts[i].range, field, f);
	}
}
