/** What must never reach a file: the pattern, and what stands in its place. Applied to the finished line, whatever its depth. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----(?:[^-]|-(?!----))*(?:-----END [A-Z ]*PRIVATE KEY-----)?/g, '[private key]'],
  // A JSON field, also inside a string that holds JSON (escaped quotes).
  [
    /(\\*")((?:[\w-]*(?:password|passphrase|secret|token|cookie|authorization|private[_-]?key|client-key(?:-data)?|keyData))\\*"\s*:\s*\\*")(?:[^"\\]|\\(?!")(?:\\\\)*.)*/gi,
    '$1$2[redacted]',
  ],
  [/\b((?:client-key-data|token|password|passphrase)\s*[:=]\s*)(?!\[|\\?")[^\s"'\\,;&]+/gi, '$1[redacted]'],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/g, '$1 [redacted]'],
  // JSON Web Tokens and K3s join tokens, wherever they stand.
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, '[token]'],
  [/\bK10[0-9a-f]{64}::[\w-]+:[\w.-]+/g, '[token]'],
  [/([?&]launch=)[\w-]+/g, '$1[redacted]'],
]

/** Takes keys, tokens and passwords out of a text that goes to a log. */
export const redact = (text: string): string => SECRETS.reduce((line, [pattern, replacement]) => line.replace(pattern, replacement), text)
