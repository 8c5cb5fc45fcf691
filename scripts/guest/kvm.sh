# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# kvm.sh - whether a guest really boots with KVM here; part of scripts/vm
#
# A node /dev/kvm proves nothing: some hosts take special guests only.
#
# shellcheck disable=SC2034,SC2154	# set and used by scripts/vm

# Does a guest of 512 bytes reach its second instruction? It needs no kernel.
boot_sector_runs()
{
	local file=$run/sector rc=0

	# mov $42,%al; out %al,$0xf4; hlt
	printf '\xb0\x2a\xe6\xf4\xf4\xeb\xfd' >"$file"
	truncate -s 510 "$file"
	printf '\x55\xaa' >>"$file"
	timeout -s KILL 5 qemu-system-x86_64 -nodefaults -accel kvm -m 64 \
		-display none -drive "file=$file,format=raw,if=floppy" \
		-device isa-debug-exit,iobase=0xf4,iosize=4 \
		</dev/null >/dev/null 2>&1 || rc=$?
	[ "$rc" -eq 85 ]
}

# The verdict in words, found once per boot of this machine: "yes" or a reason.
kvm_verdict()
{
	local file boot was verdict

	if [ ! -r /dev/kvm ] || [ ! -w /dev/kvm ]; then
		echo "no /dev/kvm that this user may use"
		return
	fi
	if ! grep -qwE 'vmx|svm' /proc/cpuinfo; then
		echo "/dev/kvm is there, but this CPU shows no VMX or SVM: for special guests only"
		return
	fi
	"$PAGECOPY_TOP/scripts/setup" vm >&2 || {
		echo "QEMU is not installed"
		return
	}
	file=$(cache_dir)/kvm
	boot=$(cat /proc/sys/kernel/random/boot_id)
	if [ -r "$file" ] && read -r was verdict <"$file" && [ "$was" = "$boot" ]; then
		echo "$verdict"
		return
	fi
	say "trying whether a guest really boots with KVM (once per boot)"
	verdict=yes
	if ! boot_sector_runs; then
		verdict="/dev/kvm is there, but a guest does not get through its firmware"
	elif ! "$PAGECOPY_TOP/scripts/vm" --platform vm --kernel 6.12 --accel kvm \
		--no-module --no-build --timeout 10 -- true 2>/dev/null; then
		verdict="/dev/kvm is there, but Linux does not boot within 10 s"
	fi
	echo "$boot $verdict" >"$file.$$" && mv "$file.$$" "$file"
	echo "$verdict"
}

# Sets guest_accel; says what it means when it is not KVM.
choose_accel()
{
	local verdict

	"$PAGECOPY_TOP/scripts/setup" vm
	command -v qemu-system-x86_64 >/dev/null || skip "qemu-system-x86_64 is not installed"
	guest_accel=$accel
	if [ "$accel" = auto ]; then
		verdict=$(kvm_verdict)
		guest_accel=kvm
		if [ "$verdict" != yes ]; then
			guest_accel=tcg
			say "emulated (TCG): $verdict; times mean nothing here"
		fi
	fi
}

report_kvm()
{
	local verdict

	verdict=$(kvm_verdict)
	[ "$verdict" = yes ] || skip "$verdict"
	say "a guest boots with KVM"
	exit 0
}
