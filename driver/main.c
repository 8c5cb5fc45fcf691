// SPDX-License-Identifier: GPL-2.0-only
/* The device node: parameters, open files and their ioctls. */
#include "internal.h"

#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

static ushort pc_node_mode = 0600;
module_param_named(mode, pc_node_mode, ushort, 0444);
MODULE_PARM_DESC(mode, "permissions of the device node (default 0600)");

static uint pc_max_mib = 64;
module_param_named(max_mib, pc_max_mib, uint, 0444);
MODULE_PARM_DESC(max_mib, "MiB of pages one open file may hold (default 64)");

static u64 pc_max_bytes(void)
{
	return (u64)pc_max_mib << 20;
}

DEFINE_PER_CPU(struct pc_live, pc_live);

static void pc_file_free(struct pc_file *file)
{
	free_percpu(file->stats);
	kfree(file);
}

static int pc_open(struct inode *inode, struct file *filp)
{
	const union pc_mode once = { .mode.repeat = 1 };
	struct pc_file *file;

	file = kzalloc(sizeof(*file), GFP_KERNEL_ACCOUNT);
	if (!file)
		return -ENOMEM;
	file->stats = alloc_percpu_gfp(struct pagecopy_stats,
				       GFP_KERNEL_ACCOUNT);
	if (!file->stats)
		goto out_free;
	file->user = pc_user_get();
	if (!file->user)
		goto out_free;
	file->mode = once.word;
	mutex_init(&file->setup);
	INIT_LIST_HEAD(&file->polled);
	spin_lock_init(&file->poll_lock);
	filp->private_data = file;
	pc_live_add(files, 1);
	return 0;

out_free:
	pc_file_free(file);
	return -ENOMEM;
}

/* io_uring holds the file while a command runs, so none does any more. */
static int pc_release(struct inode *inode, struct file *filp)
{
	struct pc_file *file = filp->private_data;

	pc_pages_free(file->pages, file->user);
	pc_user_put(file->user);
	mutex_destroy(&file->setup);
	pc_file_free(file);
	pc_live_add(files, -1);
	return 0;
}

/* Add the @nr words of @part to @sum. */
static void pc_add_words(u64 *sum, const void *part, unsigned int nr)
{
	const u64 *word = part;

	while (nr--)
		sum[nr] += READ_ONCE(word[nr]);
}

static void pc_live_sum(struct pagecopy_info *info)
{
	int cpu;

	BUILD_BUG_ON(offsetofend(struct pagecopy_info, live_cmds) -
		     offsetof(struct pagecopy_info, live_files) !=
		     sizeof(struct pc_live));
	for_each_possible_cpu(cpu)
		pc_add_words(&info->live_files, per_cpu_ptr(&pc_live, cpu),
			     sizeof(struct pc_live) / sizeof(u64));
}

static int pc_ioctl_info(void __user *arg)
{
	struct pagecopy_info info = {};

	pc_info_fill(&info, pc_max_bytes());
	pc_live_sum(&info);
	return copy_to_user(arg, &info, sizeof(info)) ? -EFAULT : 0;
}

static int pc_file_setup(struct pc_file *file,
			 const struct pagecopy_setup *setup)
{
	struct pc_pages *pages;

	lockdep_assert_held(&file->setup);
	if (file->pages)
		return -EBUSY;
	pages = pc_pages_alloc(setup, pc_max_bytes(), file->user);
	if (IS_ERR(pages))
		return PTR_ERR(pages);
	/* Pairs with the acquire in pc_pages_of(). */
	smp_store_release(&file->pages, pages);
	return 0;
}

static int pc_ioctl_setup(struct pc_file *file, const void __user *arg)
{
	struct pagecopy_setup setup;
	int ret;

	if (copy_from_user(&setup, arg, sizeof(setup)))
		return -EFAULT;
	mutex_lock(&file->setup);
	ret = pc_file_setup(file, &setup);
	mutex_unlock(&file->setup);
	return ret;
}

static int pc_ioctl_mode(struct pc_file *file, const void __user *arg)
{
	union pc_mode new;

	if (copy_from_user(&new.mode, arg, sizeof(new.mode)))
		return -EFAULT;
	if (!new.mode.repeat || new.mode.repeat > PAGECOPY_REPEAT_MAX ||
	    new.mode.flags & ~PAGECOPY_MODE_ALL || new.mode.resv ||
	    new.mode.completion > PAGECOPY_COMPLETE_POLL)
		return -EINVAL;
	WRITE_ONCE(file->mode, new.word);
	return 0;
}

/* Every field of struct pagecopy_stats is a __u64, so it is summed as words. */
static int pc_ioctl_stats(struct pc_file *file, void __user *arg)
{
	u64 sum[sizeof(struct pagecopy_stats) / sizeof(u64)] = {};
	int cpu;

	BUILD_BUG_ON(sizeof(sum) != sizeof(struct pagecopy_stats));
	for_each_possible_cpu(cpu)
		pc_add_words(sum, per_cpu_ptr(file->stats, cpu),
			     ARRAY_SIZE(sum));
	return copy_to_user(arg, sum, sizeof(sum)) ? -EFAULT : 0;
}

static int pc_ioctl_why(void __user *arg)
{
	struct pagecopy_why why;
	int ret;

	if (copy_from_user(&why, arg, sizeof(why)))
		return -EFAULT;
	ret = pc_info_why(&why);
	if (ret)
		return ret;
	return copy_to_user(arg, &why, sizeof(why)) ? -EFAULT : 0;
}

static long pc_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct pc_file *file = filp->private_data;
	void __user *user = (void __user *)arg;

	switch (cmd) {
	case PAGECOPY_IOC_INFO:
		return pc_ioctl_info(user);
	case PAGECOPY_IOC_SETUP:
		return pc_ioctl_setup(file, user);
	case PAGECOPY_IOC_MODE:
		return pc_ioctl_mode(file, user);
	case PAGECOPY_IOC_STATS:
		return pc_ioctl_stats(file, user);
	case PAGECOPY_IOC_RUN:
		return pc_run_ioctl(file, user);
	case PAGECOPY_IOC_WHY:
		return pc_ioctl_why(user);
	}
	return -ENOTTY;
}

static const struct file_operations pc_fops = {
	.owner		= THIS_MODULE,
	.open		= pc_open,
	.release	= pc_release,
	.llseek		= pc_llseek,
	.read		= pc_read,
	.write		= pc_write,
	.unlocked_ioctl	= pc_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
	.uring_cmd	= pc_uring_cmd,
	.uring_cmd_iopoll = pc_uring_cmd_iopoll,
};

static struct miscdevice pc_misc = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= PAGECOPY_DEV_NAME,
	.fops	= &pc_fops,
};

static int __init pc_init(void)
{
	int ret;

	if (pc_node_mode & ~0777)
		return -EINVAL;
	ret = pc_work_init();
	if (ret)
		return ret;
	pc_misc.mode = pc_node_mode;
	ret = misc_register(&pc_misc);
	if (ret)
		pc_work_exit();
	return ret;
}
module_init(pc_init);

static void __exit pc_exit(void)
{
	misc_deregister(&pc_misc);
	pc_work_exit();
}
module_exit(pc_exit);

MODULE_DESCRIPTION("Page copies behind io_uring commands, to be measured");
MODULE_AUTHOR("The pagecopy authors");
MODULE_LICENSE("GPL");
