import type { Credentials, User } from '../request.ts'

/** Finds out who shows these credentials; undefined when they prove nobody (then it is anonymous, or refused if they are wrong). */
export type Authenticator = (credentials: Credentials) => User | undefined

/** Client certificates by subject, bearer tokens by whoever verifies them. */
export const createAuthenticator =
  (verifyToken: (token: string) => User | undefined): Authenticator =>
  ({ certificate, badCertificate, bearerToken }) => {
    if (certificate && !badCertificate) {
      const extra = certificate.fingerprint && { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${certificate.fingerprint}`] }
      return { name: certificate.commonName, groups: [...certificate.organizations, 'system:authenticated'], ...(extra && { extra }) }
    }
    return bearerToken === undefined ? undefined : verifyToken(bearerToken)
  }
