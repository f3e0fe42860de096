export function NumbersSection() {
  return null;
}
