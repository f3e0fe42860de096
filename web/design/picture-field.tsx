import { limits } from '../../shared/limits.ts';
import { messages, useMessages } from '../i18n/messages.ts';
import { TextField, type InputProps } from './field.tsx';

/** Where a picture is: an address of the web, or a path on this server. A field of the kind `url` would refuse the path. */
export function PictureField(props: Pick<InputProps, 'label' | 'value' | 'onText'>) {
  const t = useMessages(texts);
  return (
    <TextField
      {...props}
      inputMode="url"
      pattern="(https?://|/)\S+"
      title={t.form}
      placeholder="https://"
      maxLength={limits.urlLengthMax}
    />
  );
}

const texts = messages(
  { form: 'Begins with https:// or, for a picture on this server, with /' },
  { form: '以 https:// 开头；本服务器上的图片以 / 开头' },
);
