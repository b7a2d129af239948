/**
 * What to do after the socket closed with `code`: come back, get a new session first, or stay away.
 * @param {number} code @returns {"again"|"renew"|"sign-in"|"superseded"|"refused"}
 */
export function afterClose(code) {
  if (code === 4101) return "renew";
  if (code === 4401 || code === 4403) return "sign-in";
  if (code === 4409) return "superseded";
  if (code >= 4400 && code < 4500) return "refused";
  return "again";
}
