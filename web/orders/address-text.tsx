import { countryName } from '../i18n/countries.ts';
import type { PostalAddress } from '../../shared/protocol/address.ts';

/** An address as it stands on a parcel. */
export function AddressText({ address }: { address: PostalAddress }) {
  const { recipient, phone, street, postalCode, city, region, country } = address;
  return (
    <>
      <p class="user-text">
        <strong>{recipient}</strong> {phone}
      </p>
      <p class="quiet user-text">
        {[street, postalCode, city, region, countryName(country)].filter(Boolean).join(', ')}
      </p>
    </>
  );
}
