import { useState } from 'preact/hooks';
import { useQuestion } from '../../design/ask.tsx';
import { Badge } from '../../design/badge.tsx';
import { Button } from '../../design/button.tsx';
import { Copyable } from '../../design/copyable.tsx';
import { TextField } from '../../design/field.tsx';
import { Problem } from '../../design/problem.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { ask } from '../../session/connection.ts';
import { Failure } from '../../shell/failure.tsx';
import { useLoaded } from '../../state/use-loaded.ts';
import { useRequestKey } from '../../state/use-request-key.ts';
import { useSubmit } from '../../state/use-submit.ts';
import { limits } from '../../../shared/limits.ts';
import type { OutgoingEndpoint } from '../../../shared/protocol/outgoing.ts';
import { WebhookDeliveries } from './webhook-deliveries.tsx';
import { webhookTexts } from './webhooks.messages.ts';

/** Where the shop's own systems are told of its orders. */
export function Webhooks({ shopId }: { shopId: string }) {
  const t = useMessages(webhookTexts);
  const { loaded, again } = useLoaded(async () => (await ask('webhook:list', { shopId })).endpoints, [shopId]);
  const [shown, setShown] = useState<OutgoingEndpoint | null>(null);
  return (
    <section class="panel">
      <h2>{t.title}</h2>
      <p class="quiet small">{t.hint}</p>
      {loaded.state === 'loading' && <Skeleton height={80} />}
      {loaded.state === 'failed' && <Failure error={loaded.error} onAgain={() => void again()} />}
      {loaded.state === 'ready' && (
        <ul>
          {loaded.value.map((endpoint) => (
            <Endpoint
              key={endpoint.endpointId}
              shopId={shopId}
              endpoint={endpoint}
              onChanged={() => void again()}
              onShow={() => setShown(endpoint)}
            />
          ))}
        </ul>
      )}
      {loaded.state === 'ready' && (
        <AddEndpoint
          shopId={shopId}
          isFull={loaded.value.length >= limits.webhooksPerShopMax}
          onAdded={() => void again()}
        />
      )}
      {shown && <WebhookDeliveries shopId={shopId} endpoint={shown} onClose={() => setShown(null)} />}
    </section>
  );
}

type EndpointProps = { shopId: string; endpoint: OutgoingEndpoint; onChanged: () => void; onShow: () => void };

function Endpoint({ shopId, endpoint, onChanged, onShow }: EndpointProps) {
  const t = useMessages(webhookTexts);
  const { endpointId, url, state, failures } = endpoint;
  const question = useQuestion();
  const enabling = useSubmit(async () => {
    await ask('webhook:enable', { shopId, endpointId });
    onChanged();
    return undefined;
  });
  const removal = useSubmit(async () => {
    await ask('webhook:remove', { shopId, endpointId });
    onChanged();
    return undefined;
  });
  const askRemove = () =>
    question.ask({
      title: t.removeTitle,
      explanation: `${url} – ${t.removeText}`,
      yes: t.remove,
      danger: true,
      onYes: () => void removal.submit(),
    });
  return (
    <li class="webhook" aria-label={url}>
      <p class="row row--wrap">
        <code class="small user-text">{url}</code>
        <Badge tone={state === 'active' ? 'good' : 'bad'}>{state === 'active' ? t.active : t.disabled}</Badge>
      </p>
      {state === 'disabled' && <p class="small">{t.disabledText}</p>}
      {failures > 0 && <p class="quiet small numbers">{t.failing(failures)}</p>}
      <Problem text={enabling.problem ?? removal.problem} />
      <div class="row row--wrap">
        <Button size="small" onClick={onShow}>
          {t.messages}
        </Button>
        {state === 'disabled' && (
          <Button size="small" kind="primary" busy={enabling.busy} onClick={() => void enabling.submit()}>
            {t.enable}
          </Button>
        )}
        <Button size="small" kind="quiet" busy={removal.busy} onClick={askRemove}>
          {t.remove}
        </Button>
      </div>
      {question.dialog}
    </li>
  );
}

/** The key that comes with a new address is shown until it is put away, and never again. */
function AddEndpoint({ shopId, isFull, onAdded }: { shopId: string; isFull: boolean; onAdded: () => void }) {
  const t = useMessages(webhookTexts);
  const [url, setUrl] = useState('');
  const [secret, setSecret] = useState<string>();
  const { keyOf, done } = useRequestKey();
  const { problem, busy, onSubmit } = useSubmit(async () => {
    const added = await ask('webhook:add', { shopId, url, requestKey: keyOf(url) });
    done(url);
    setSecret(added.secret);
    setUrl('');
    onAdded();
    return undefined;
  });
  if (secret)
    return (
      <div class="stack">
        <Copyable label={t.signingKey} text={secret} />
        <p class="quiet small">{t.signingKeyHint}</p>
        <p>
          <Button size="small" onClick={() => setSecret(undefined)}>
            {t.done}
          </Button>
        </p>
      </div>
    );
  if (isFull) return <p class="quiet small">{t.full(limits.webhooksPerShopMax)}</p>;
  return (
    <form class="stack" onSubmit={onSubmit}>
      <TextField label={t.url} type="url" required maxLength={2_000} value={url} onText={setUrl} />
      <Problem text={problem} />
      <div class="row">
        <Button type="submit" kind="primary" busy={busy}>
          {t.add}
        </Button>
      </div>
    </form>
  );
}
