/**
 * Whether a worker is to leave the addresses it listens on, the better ones first. Another network than before is the best: nobody new
 * reaches the old one, and most who did do no longer. Any other new address is worth no interruption, and is taken once nobody is
 * disturbed: bridges of containers and private addresses of IPv6 come and go all day.
 */
export async function leaves(
  before: readonly string[],
  now: readonly string[],
  isIdle: () => Promise<boolean>,
): Promise<boolean> {
  const hasMoved = !now.includes(before[0]!) && !before.includes(now[0]!);
  return hasMoved || (now.some((ip) => !before.includes(ip)) && isIdle());
}
