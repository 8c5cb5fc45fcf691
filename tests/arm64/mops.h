/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_TEST_MOPS_H
#define PAGECOPY_TEST_MOPS_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

/**
 * enum mops_option - how a CPU keeps what is left between the instructions
 * @MOPS_OPTION_A: addresses of the end and minus the number of bytes left
 * @MOPS_OPTION_B: addresses of the next byte and the number of bytes left
 *
 * Both are the architecture's; software must do with either.
 */
enum mops_option { MOPS_OPTION_A, MOPS_OPTION_B };

/**
 * struct mops_seen - what the emulation came across since mops_emulate()
 * @nr:    instructions of the three kinds, in all
 * @wrong: an instruction out of turn, or with other registers than the one
 *	   before it, or with registers that were changed in between
 */
struct mops_seen {
	unsigned int nr;
	bool wrong;
};

/**
 * mops_emulate() - execute cpyfp, cpyfm and cpyfe where the CPU cannot
 *
 * A handler of SIGILL carries them out until mops_stop(). Any other
 * instruction that is illegal ends the program.
 */
void mops_emulate(enum mops_option option);

/** mops_stop() - no more emulation; Return: what it saw */
struct mops_seen mops_stop(void);

#endif
