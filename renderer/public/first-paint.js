// Runs before the first paint, so that neither theme nor language flashes; a file, since the policy forbids inline scripts.
{
  const seen = name => {
    try {
      return localStorage.getItem(name)
    } catch {
      return null
    }
  }
  const scheme = seen('k3lab.colorScheme')
  const dark = scheme === 'dark' || (scheme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  const root = document.documentElement
  root.dataset.mantineColorScheme = dark ? 'dark' : 'light'
  root.lang = seen('k3lab.locale') === 'en' ? 'en' : 'ko'
}
