/* SPDX-License-Identifier: MIT */
/* Made-up machines: what each check says of them. */
#ifndef PAGECOPY_DOCTOR_CASES_H
#define PAGECOPY_DOCTOR_CASES_H

#include "doctor.h"

#define CASE_FILES	16

/**
 * struct doctor_case - files, and what one check makes of them; measured on
 *			CPU 1
 * @check:   its name
 * @verdict: that it must give
 * @word:    that must be in what it found or in the command
 * @files:   path and content in turn. A path that ends in / is a folder. One
 *	     that begins with + is written between the two looks at the CPU.
 *	     Of dev/cpu_dma_latency the content is the number
 */
struct doctor_case {
	const char *check;
	enum doctor_verdict verdict;
	const char *word;
	const char *files[CASE_FILES];
};

extern const struct doctor_case doctor_cases[];
extern const unsigned int nr_doctor_cases;

#endif
