export function FansSection() {
  return null;
}
