type Names = { iceUfrag?: string | number | undefined; icePwd?: string | number | undefined };

/**
 * The ICE user name and password of one side, from the first of these parts of a description that has them. Empty where there is
 * none, or none as RFC 8839 has them. The parser makes numbers of what has only digits.
 */
export function iceNamesIn(parts: readonly Names[]): { ufrag: string; password: string } {
  const ufrag = String(parts.find(({ iceUfrag }) => iceUfrag)?.iceUfrag ?? '');
  const password = String(parts.find(({ icePwd }) => icePwd)?.icePwd ?? '');
  return {
    ufrag: /^[\w+/-]{4,256}$/.test(ufrag) ? ufrag : '',
    password: /^[\w+/-]{22,256}$/.test(password) ? password : '',
  };
}
