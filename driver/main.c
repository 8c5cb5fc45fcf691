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

static int pc_open(struct inode *inode, struct file *filp)
{
	const union pc_mode once = { .mode.repeat = 1 };
	struct pc_file *file;

	file = kzalloc(sizeof(*file), GFP_KERNEL_ACCOUNT);
	if (!file)
		return -ENOMEM;
	file->stats = alloc_percpu_gfp(struct pagecopy_stats,
				       GFP_KERNEL_ACCOUNT);
	if (!file->stats) {
		kfree(file);
		return -ENOMEM;
	}
	file->mode = once.word;
	mutex_init(&file->setup);
	filp->private_data = file;
	return 0;
}

/* io_uring holds the file while a command runs, so none does any more. */
static int pc_release(struct inode *inode, struct file *filp)
{
	struct pc_file *file = filp->private_data;

	pc_pages_free(file->pages);
	free_percpu(file->stats);
	mutex_destroy(&file->setup);
	kfree(file);
	return 0;
}

static int pc_ioctl_info(void __user *arg)
{
	struct pagecopy_info info = {};

	pc_info_fill(&info, pc_max_bytes());
	return copy_to_user(arg, &info, sizeof(info)) ? -EFAULT : 0;
}

static int pc_file_setup(struct pc_file *file,
			 const struct pagecopy_setup *setup)
{
	struct pc_pages *pages;

	lockdep_assert_held(&file->setup);
	if (file->pages)
		return -EBUSY;
	pages = pc_pages_alloc(setup, pc_max_bytes());
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
	    new.mode.flags & ~PAGECOPY_MODE_ALL || new.mode.resv)
		return -EINVAL;
	if (new.mode.completion != PAGECOPY_COMPLETE_INLINE)
		return -EOPNOTSUPP;
	WRITE_ONCE(file->mode, new.word);
	return 0;
}

/* Every field of struct pagecopy_stats is a __u64, so it is summed as words. */
static int pc_ioctl_stats(struct pc_file *file, void __user *arg)
{
	u64 sum[sizeof(struct pagecopy_stats) / sizeof(u64)] = {};
	const u64 *part;
	unsigned int i;
	int cpu;

	BUILD_BUG_ON(sizeof(sum) != sizeof(struct pagecopy_stats));
	for_each_possible_cpu(cpu) {
		part = (const u64 *)per_cpu_ptr(file->stats, cpu);
		for (i = 0; i < ARRAY_SIZE(sum); i++)
			sum[i] += READ_ONCE(part[i]);
	}
	return copy_to_user(arg, sum, sizeof(sum)) ? -EFAULT : 0;
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
};

static struct miscdevice pc_misc = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= PAGECOPY_DEV_NAME,
	.fops	= &pc_fops,
};

static int __init pc_init(void)
{
	if (pc_node_mode & ~0777)
		return -EINVAL;
	pc_misc.mode = pc_node_mode;
	return misc_register(&pc_misc);
}
module_init(pc_init);

static void __exit pc_exit(void)
{
	misc_deregister(&pc_misc);
}
module_exit(pc_exit);

MODULE_DESCRIPTION("Page copies behind io_uring commands, to be measured");
MODULE_AUTHOR("The pagecopy authors");
MODULE_LICENSE("GPL");
