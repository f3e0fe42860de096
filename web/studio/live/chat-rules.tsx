import { useEffect, useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { Choice } from '../../design/field.tsx';
import { NumberField } from '../../design/number-field.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { useRoom } from '../../room/room-context.ts';
import { complain } from '../../session/complain.ts';
import { useStore } from '../../state/store.ts';
import type { ChatSettings } from '../../../shared/protocol/chat.ts';
import { limits, offerLimits } from '../../../shared/limits.ts';
import { studioTexts } from '../studio.messages.ts';

/** Who may write, how fast, and what is looked through first. */
export function ChatRules() {
  const t = useMessages(studioTexts);
  const { ask, roomId, talk } = useRoom();
  const settings = useStore(talk)?.settings;
  if (!settings) return null;
  const { slowSeconds, audience, followMinutesMin, fanLevelMin, hold } = settings;
  const configure = (change: Partial<ChatSettings>) =>
    void ask('chat:configure', { roomId, ...change }).then(
      (next) => talk.update((known) => known && { ...known, settings: next }),
      complain,
    );
  return (
    <section class="stack">
      <NumberRule
        label={t.slowMode}
        max={limits.slowSecondsMax}
        value={slowSeconds}
        onSave={(seconds) => configure({ slowSeconds: seconds })}
      />
      <div class="two">
        <Choice<ChatSettings['audience']>
          label={t.whoMayWrite}
          value={audience}
          choices={[
            { key: 'everyone', label: t.audiences.all },
            { key: 'followers', label: t.audiences.followers },
            { key: 'fans', label: t.audiences.fans },
          ]}
          onChoose={(who) => configure({ audience: who })}
        />
        <Choice<ChatSettings['hold']>
          label={t.holdWhat}
          value={hold}
          choices={(['none', 'banned_words', 'links', 'all'] as const).map((key) => ({ key, label: t.holds[key] }))}
          onChoose={(what) => configure({ hold: what })}
        />
      </div>
      {audience === 'followers' && (
        <NumberRule
          label={t.followMinutesMin}
          max={limits.chatFollowMinutesMax}
          value={followMinutesMin}
          onSave={(minutes) => configure({ followMinutesMin: minutes })}
        />
      )}
      {audience === 'fans' && (
        <NumberRule
          label={t.levelMin}
          min={1}
          max={offerLimits.fanLevelMax}
          value={fanLevelMin}
          onSave={(level) => configure({ fanLevelMin: level })}
        />
      )}
    </section>
  );
}

type NumberRuleProps = {
  label: string;
  /** 0 when not given. */
  min?: number;
  max: number;
  value: number;
  onSave: (value: number) => void;
};

/** A number that holds once it is saved; what another moderator sets takes the place of what was typed. */
function NumberRule({ label, min = 0, max, value, onSave }: NumberRuleProps) {
  const t = useMessages(studioTexts);
  const [typed, setTyped] = useState(String(value));
  useEffect(() => setTyped(String(value)), [value]);
  const save = (event: Event) => {
    event.preventDefault();
    onSave(Number(typed));
  };
  return (
    <form class="row announce" onSubmit={save}>
      <NumberField label={label} min={min} max={max} value={typed} onText={setTyped} />
      <Button type="submit" size="small">
        {t.save}
      </Button>
    </form>
  );
}
