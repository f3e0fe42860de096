import { useRef, useState } from 'preact/hooks';
import { useQuestion } from '../design/ask.tsx';
import { Badge } from '../design/badge.tsx';
import { Button } from '../design/button.tsx';
import { Details } from '../design/details.tsx';
import { Problem } from '../design/problem.tsx';
import { Skeleton } from '../design/skeleton.tsx';
import { useMessages } from '../i18n/messages.ts';
import { ask } from '../session/connection.ts';
import { Failure } from '../shell/failure.tsx';
import { useFocusPlace } from '../state/use-focus-place.ts';
import { useLoaded } from '../state/use-loaded.ts';
import { useSubmit } from '../state/use-submit.ts';
import type { Address } from '../../shared/protocol/address.ts';
import { AddressForm } from './address-form.tsx';
import { AddressText } from './address-text.tsx';
import { makeDefault, withAddress } from './addresses.ts';
import { orderTexts } from './orders.messages.ts';

/** The own addresses: corrected, removed and added apart from any order. Orders keep what they have. */
export function AddressBook() {
  const t = useMessages(orderTexts);
  return (
    <div class="card address-book">
      <Details summary={t.myAddresses}>{() => <Book />}</Details>
    </div>
  );
}

function Book() {
  const t = useMessages(orderTexts);
  const { loaded, again, set } = useLoaded(async () => (await ask('address:list', {})).addresses, []);
  const [form, setForm] = useState<'new' | Address | null>(null);
  const { place, focusPlace } = useFocusPlace<HTMLDivElement>();
  const question = useQuestion();
  const wish = useRef<() => Promise<readonly Address[]>>(null);
  const acting = useSubmit(async () => {
    set([...(await wish.current!())]);
    focusPlace(); // The button that was pressed goes.
    return undefined;
  });
  if (loaded.state === 'loading') return <Skeleton height={72} />;
  if (loaded.state === 'failed') return <Failure error={loaded.error} onAgain={() => void again()} />;
  const addresses = loaded.value;
  const turn = (to: typeof form) => {
    focusPlace();
    setForm(to);
  };
  const act = (work: () => Promise<readonly Address[]>) => {
    wish.current = work;
    void acting.submit();
  };
  const askRemove = ({ addressId, recipient, city }: Address) =>
    question.ask({
      title: t.removeAddressTitle(`${recipient}, ${city}`),
      explanation: t.removeAddressText,
      yes: t.removeAddress,
      danger: true,
      onYes: () => act(async () => (await ask('address:remove', { addressId })).addresses),
    });
  if (form !== null)
    return (
      <div class="stack" ref={place} tabIndex={-1}>
        <AddressForm
          ask={ask}
          edited={form === 'new' ? undefined : form}
          action={t.keepAddress}
          onSaved={(address) => {
            turn(null);
            set(withAddress(addresses, address));
          }}
        />
        <Button kind="quiet" wide onClick={() => turn(null)}>
          {t.addNone}
        </Button>
      </div>
    );
  return (
    <div class="stack" ref={place} tabIndex={-1}>
      {addresses.length === 0 && <p class="quiet">{t.noAddresses}</p>}
      <ul class="stack">
        {addresses.map((address) => (
          <li key={address.addressId} class="address-book__one">
            <AddressText address={address} />
            <p class="row row--wrap">
              {address.isDefault && <Badge>{t.defaultAddress}</Badge>}
              <Button size="small" onClick={() => turn(address)}>
                {t.editAddress}
              </Button>
              {!address.isDefault && (
                <Button size="small" busy={acting.busy} onClick={() => act(() => makeDefault(ask, address.addressId))}>
                  {t.makeDefault}
                </Button>
              )}
              <Button size="small" kind="quiet" busy={acting.busy} onClick={() => askRemove(address)}>
                {t.removeAddress}
              </Button>
            </p>
          </li>
        ))}
      </ul>
      <Problem text={acting.problem} />
      <div>
        <Button size="small" icon="plus" onClick={() => turn('new')}>
          {t.addAddress}
        </Button>
      </div>
      {question.dialog}
    </div>
  );
}
