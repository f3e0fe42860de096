export function MerchantOrders() {
  return null;
}
