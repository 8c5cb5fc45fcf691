/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_BUILD_ID_H
#define PAGECOPY_BUILD_ID_H

#define BUILD_ID_LEN	130

/**
 * build_id() - which build this program is, as the linker says
 * @text: takes it in hexadecimal; "unknown" without one
 *
 * Return: @text.
 */
char *build_id(char text[BUILD_ID_LEN]);

#endif
