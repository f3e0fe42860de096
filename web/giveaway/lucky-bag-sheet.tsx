export function LuckyBagSheet(_props: { giveawayId: string; onClose: () => void }) {
  return null;
}
