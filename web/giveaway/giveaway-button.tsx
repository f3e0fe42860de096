export function GiveawayButton(_props: { onOpen: (giveawayId: string) => void }) {
  return null;
}
