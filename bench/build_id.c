// SPDX-License-Identifier: MIT
#include "build_id.h"

#include <elf.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Notes are laid out in units of four bytes. */
static size_t padded(size_t len)
{
	return (len + 3) / 4 * 4;
}

static void put_hex(const unsigned char *id, size_t len, char *text)
{
	size_t i;

	for (i = 0; i < len && 2 * i + 2 < BUILD_ID_LEN; i++)
		snprintf(text + 2 * i, 3, "%02x", id[i]);
}

static int find(const char *note, const char *end, char *text)
{
	const ElfW(Nhdr) *n;

	while (note + sizeof(*n) <= end) {
		n = (const void *)note;
		note += sizeof(*n);
		if (n->n_type == NT_GNU_BUILD_ID && n->n_namesz == 4 &&
		    !memcmp(note, "GNU", 4)) {
			put_hex((const unsigned char *)note + 4, n->n_descsz,
				text);
			return 1;
		}
		note += padded(n->n_namesz) + padded(n->n_descsz);
	}
	return 0;
}

/* The program itself comes first. */
static int look(struct dl_phdr_info *info, size_t size, void *text)
{
	unsigned int i;

	(void)size;
	for (i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		const char *at = (const char *)(uintptr_t)
				 (info->dlpi_addr + p->p_vaddr);

		if (p->p_type == PT_NOTE && find(at, at + p->p_memsz, text))
			break;
	}
	return 1;
}

char *build_id(char text[BUILD_ID_LEN])
{
	strcpy(text, "unknown");
	dl_iterate_phdr(look, text);
	return text;
}
