/** Puts text on the clipboard; false when this browser lets no page do that. Its own way exists on secure pages only. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text);
  }
}

/** The old way, which works in a LAN without a certificate, too. It copies what is selected, so something has to be. */
function copySelected(text: string): boolean {
  const field = Object.assign(document.createElement('textarea'), { value: text });
  const before = document.activeElement;
  // In the open dialog, where there is one: the rest of the page can't be selected.
  (document.querySelector('dialog[open]') ?? document.body).append(field);
  field.select();
  // oxlint-disable-next-line typescript/no-deprecated -- there is no other way without a certificate
  const isCopied = document.execCommand('copy');
  field.remove();
  if (before instanceof HTMLElement) before.focus();
  return isCopied;
}
