/** sh that gives a server's hosts a full disk: every folder that a program could write to is a tiny full file system. */

/**
 * For `prepare` of a server whose files are in `folder`, which lies in the temporary folder and stays readable. Its
 * mounts are seen by its own hosts only.
 */
export const fullDisk = (folder: string): string => `
mount --bind '${folder}' /mnt
for d in /tmp /var/tmp /dev/shm /run/user /root; do
  [ -d $d ] || continue
  mount -t tmpfs -o size=8k,mode=1777 full $d
  [ $d != /tmp ] || { mkdir -p '${folder}'; mount --move /mnt '${folder}'; }
  cat /dev/zero >$d/full 2>/dev/null || true
done
mount -t tmpfs -o size=8k,mode=700 full '${folder}/home'
cat /dev/zero >'${folder}/home/full' 2>/dev/null || true
`;
