import { countryName } from '../i18n/countries.ts';
import type { PostalAddress } from '../../shared/protocol/address.ts';

/** Written from the large to the small. */
const largeFirst = new Set(['CN', 'HK', 'MO', 'TW']);

/** An address as it stands on a parcel. */
export function AddressText({ address }: { address: PostalAddress }) {
  const { recipient, phone, street, postalCode, city, region, country } = address;
  const name = countryName(country);
  const text = largeFirst.has(country)
    ? [name, region, city, street, postalCode].filter(Boolean).join(' ')
    : [street, postalCode, city, region, name].filter(Boolean).join(', ');
  return (
    <>
      <p class="user-text">
        <strong>{recipient}</strong> <span class="address__phone">{phone}</span>
      </p>
      <p class="quiet user-text">{text}</p>
    </>
  );
}
