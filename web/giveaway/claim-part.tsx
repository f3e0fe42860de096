import { useState } from 'preact/hooks';
import { Button } from '../design/button.tsx';
import { Problem } from '../design/problem.tsx';
import { Skeleton } from '../design/skeleton.tsx';
import { useMessages } from '../i18n/messages.ts';
import { AddressChoice } from '../orders/address-choice.tsx';
import { withAddress } from '../orders/addresses.ts';
import { AddressText } from '../orders/address-text.tsx';
import { ask } from '../session/connection.ts';
import { Failure } from '../shell/failure.tsx';
import { useLoaded } from '../state/use-loaded.ts';
import { useSubmit } from '../state/use-submit.ts';
import type { Address } from '../../shared/protocol/address.ts';
import type { Award } from '../../shared/protocol/giveaway.ts';
import { giveawayTexts } from './giveaway.messages.ts';

type Props = { award: Award; onClaimed: () => void };

/** Points need one press; goods need to know where they go, and say it before. */
export function ClaimPart({ award, onClaimed }: Props) {
  return award.prize.prize === 'goods' ? (
    <GoodsClaim award={award} onClaimed={onClaimed} />
  ) : (
    <ClaimButton award={award} onClaimed={onClaimed} />
  );
}

function GoodsClaim({ award, onClaimed }: Props) {
  const t = useMessages(giveawayTexts);
  const { loaded, again, set } = useLoaded(async () => (await ask('address:list', {})).addresses, []);
  const [chosen, setChosen] = useState<Address | null>(null);
  if (loaded.state === 'loading') return <Skeleton height={120} />;
  if (loaded.state === 'failed') return <Failure error={loaded.error} onAgain={() => void again()} />;
  const addresses = loaded.value;
  const target = chosen ?? addresses[0];
  const saved = (address: Address) => {
    set(withAddress(addresses, address));
    setChosen(address);
  };
  return (
    <div class="stack">
      {target ? (
        <div class="delivery__to">
          <p class="field__label">{t.sentTo}</p>
          <AddressText address={target} />
        </div>
      ) : (
        <p>{t.needAddress}</p>
      )}
      <AddressChoice
        ask={ask}
        addresses={addresses}
        chosenId={target?.addressId ?? null}
        onChoose={setChosen}
        onSaved={saved}
      />
      {target && <ClaimButton award={award} addressId={target.addressId} onClaimed={onClaimed} />}
    </div>
  );
}

function ClaimButton({ award: { giveawayId }, addressId, onClaimed }: Props & { addressId?: string }) {
  const t = useMessages(giveawayTexts);
  const { problem, busy, submit } = useSubmit(async () => {
    const { outcome } = await ask('giveaway:claim', { giveawayId, ...(addressId ? { addressId } : {}) });
    onClaimed();
    return outcome === 'claimed' ? undefined : t.claimRefusals[outcome];
  });
  return (
    <>
      <Problem text={problem} />
      <Button kind="primary" size="big" icon="gift" wide busy={busy} onClick={() => void submit()}>
        {t.claim}
      </Button>
    </>
  );
}
