export function GiveawaysSection() {
  return null;
}
