// SPDX-License-Identifier: GPL-2.0-only
/* What one user may hold, whatever the number of files it opens. */
#include "internal.h"

#include <linux/atomic.h>
#include <linux/cred.h>
#include <linux/module.h>
#include <linux/slab.h>

static uint pc_user_mib = 256;
module_param_named(user_mib, pc_user_mib, uint, 0444);
MODULE_PARM_DESC(user_mib, "MiB all open files of a user may hold (default 256)");

static LIST_HEAD(pc_users);
static DEFINE_MUTEX(pc_users_lock);

static struct pc_user *pc_user_find(kuid_t uid)
{
	struct pc_user *user;

	lockdep_assert_held(&pc_users_lock);
	list_for_each_entry(user, &pc_users, list)
		if (uid_eq(user->uid, uid))
			return user;
	return NULL;
}

struct pc_user *pc_user_get(void)
{
	const kuid_t uid = current_uid();
	struct pc_user *user;

	mutex_lock(&pc_users_lock);
	user = pc_user_find(uid);
	if (!user) {
		user = kzalloc(sizeof(*user), GFP_KERNEL_ACCOUNT);
		if (!user)
			goto out_unlock;
		user->uid = uid;
		list_add(&user->list, &pc_users);
	}
	user->files++;
out_unlock:
	mutex_unlock(&pc_users_lock);
	return user;
}

void pc_user_put(struct pc_user *user)
{
	mutex_lock(&pc_users_lock);
	if (!--user->files) {
		WARN_ON_ONCE(atomic_long_read(&user->pages));
		list_del(&user->list);
		kfree(user);
	}
	mutex_unlock(&pc_users_lock);
}

int pc_user_charge(struct pc_user *user, unsigned long pages)
{
	const unsigned long max = (unsigned long)pc_user_mib <<
				  (20 - PAGE_SHIFT);

	if (atomic_long_add_return(pages, &user->pages) <= max)
		return 0;
	pc_user_uncharge(user, pages);
	return -EDQUOT;
}

void pc_user_uncharge(struct pc_user *user, unsigned long pages)
{
	atomic_long_sub(pages, &user->pages);
}
