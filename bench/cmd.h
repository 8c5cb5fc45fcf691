/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_CMD_H
#define PAGECOPY_CMD_H

/*
 * The subcommands. argv[0] is "pagecopy NAME"; all return an exit code.
 */
int cmd_copy(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_mutate(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_tear(int argc, char **argv);

#endif
