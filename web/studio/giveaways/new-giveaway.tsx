import { useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { Choice, TextField, Tick } from '../../design/field.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { Tabs } from '../../design/tabs.tsx';
import { fromMajor } from '../../i18n/amounts.ts';
import { language } from '../../i18n/language.ts';
import { useMessages } from '../../i18n/messages.ts';
import { localized } from '../../room/offers.ts';
import { ask } from '../../session/connection.ts';
import { sayError } from '../../session/say-error.ts';
import { newKey } from '../../state/new-key.ts';
import { serverNowMs } from '../../state/server-clock.ts';
import { useLoaded } from '../../state/use-loaded.ts';
import type { Prize, Task } from '../../../shared/raffle/rules.ts';
import { sectionTexts } from '../section.messages.ts';
import { readMyShop } from '../shop.ts';

type Kind = 'lucky-bag' | 'raffle-drop';
type Props = { roomId: string; onClose: () => void; onPublished: () => void };

/** Five minutes, one prize, be there at the draw: the lucky bag that most shows have. */
const defaults = {
  title: '',
  what: '',
  value: '20',
  count: '1',
  minutes: '5',
  follow: true,
  fans: false,
  comment: '',
  watch: '',
  present: true,
  offerId: '',
  rightMinutes: '10',
};

export function NewGiveaway({ roomId, onClose, onPublished }: Props) {
  const t = useMessages(sectionTexts);
  const [kind, setKind] = useState<Kind>('lucky-bag');
  const [form, setForm] = useState(defaults);
  const [problem, setProblem] = useState<string>();
  const [key, setKey] = useState(newKey);
  const set = (change: Partial<typeof defaults>) => setForm({ ...form, ...change });
  const text = (name: keyof typeof defaults) => ({
    value: String(form[name]),
    onText: (typed: string) => set({ [name]: typed }),
  });
  const { loaded } = useLoaded(async () => {
    const { offers } = await ask('offer:list', { roomId });
    return { shop: await readMyShop(), offers: offers.filter(({ audience }) => audience.who === 'right') };
  }, [roomId]);
  const known = loaded.state === 'ready' ? loaded.value : { shop: null, offers: [] };
  const currency = known.shop?.currency ?? 'EUR';
  const offerId = form.offerId || known.offers[0]?.offerId || '';

  const publish = async (event: Event) => {
    event.preventDefault();
    setProblem(undefined);
    try {
      await ask('giveaway:publish', {
        roomId,
        kind,
        title: form.title || form.what,
        prize: prizeOf(),
        prizeCount: Number(form.count),
        tasks: tasksOf(form),
        closesAtMs: Math.round(serverNowMs() + Number(form.minutes) * 60_000),
        requestKey: key,
      });
      onPublished();
      onClose();
    } catch (error) {
      setKey(newKey());
      setProblem(sayError(error));
    }
  };
  const prizeOf = (): Prize =>
    kind === 'lucky-bag'
      ? { prize: 'goods', what: form.what, valueMinor: fromMajor(form.value, currency), currency }
      : { prize: 'right-to-buy', offerId, what: form.what, units: 1, minutes: Number(form.rightMinutes) };

  const number = { type: 'number' as const, min: 1, required: true };
  return (
    <Sheet shape="dialog" title={kind === 'lucky-bag' ? t.newGiveaway : t.newDrop} onClose={onClose}>
      <form class="stack" onSubmit={(event) => void publish(event)}>
        <Tabs
          label={t.newGiveaway}
          tabs={[
            { key: 'lucky-bag', label: t.newGiveaway },
            { key: 'raffle-drop', label: t.newDrop },
          ]}
          chosen={kind}
          onChoose={setKind}
        />
        <TextField label={t.prizeWhat} required maxLength={200} {...text('what')} />
        {kind === 'raffle-drop' && (
          <Choice
            label={t.offerForRight}
            hint={t.offerForRightHint}
            value={offerId}
            choices={known.offers.map((offer) => ({
              key: offer.offerId,
              label: `${offer.itemNumber}. ${localized(offer.title, language.get())}`,
            }))}
            onChoose={(next) => set({ offerId: next })}
          />
        )}
        <div class="two">
          {kind === 'lucky-bag' ? (
            <TextField label={`${t.prizeValue} (${currency})`} required inputMode="decimal" {...text('value')} />
          ) : (
            <TextField label={t.rightMinutes} {...number} {...text('rightMinutes')} />
          )}
          <TextField label={t.prizeCount} {...number} max={10_000} {...text('count')} />
          <TextField label={t.minutes} type="number" required min={0.1} step="any" {...text('minutes')} />
        </div>
        <fieldset class="stack">
          <legend class="field__label">{t.tasks}</legend>
          <Tick label={t.taskFollow} checked={form.follow} onTick={(follow) => set({ follow })} />
          <Tick label={t.taskFans} checked={form.fans} onTick={(fans) => set({ fans })} />
          <Tick label={t.taskPresent} checked={form.present} onTick={(present) => set({ present })} />
          <div class="two">
            <TextField label={t.taskComment} maxLength={100} {...text('comment')} />
            <TextField label={t.taskWatch} type="number" min={1} max={720} {...text('watch')} />
          </div>
        </fieldset>
        <p class="quiet small">{t.publishText}</p>
        {problem && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <Button type="submit" kind="primary" size="big" icon="gift" wide>
          {t.publish}
        </Button>
      </form>
    </Sheet>
  );
}

function tasksOf({ follow, fans, comment, watch, present }: typeof defaults): Task[] {
  return [
    ...(follow ? [{ task: 'follow' as const }] : []),
    ...(fans ? [{ task: 'fan-club' as const, levelMin: 1 }] : []),
    ...(comment ? [{ task: 'comment' as const, keyword: comment }] : []),
    ...(watch ? [{ task: 'watch' as const, minutes: Number(watch) }] : []),
    ...(present ? [{ task: 'present-at-draw' as const }] : []),
  ];
}
