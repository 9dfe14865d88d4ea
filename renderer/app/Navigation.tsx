import { UnstyledButton } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import classes from './Navigation.module.css'
import { PAGES, pageIcons, type PageName } from './pages.ts'
import { hrefOf } from './router.ts'

const Mark = () => (
  <svg viewBox="0 0 40 22" width="40" height="22" aria-hidden>
    <rect x="1" y="2" width="38" height="17" rx="4" fill="var(--case)" />
    <rect x="1" y="2" width="38" height="3.5" rx="1.75" fill="var(--case-top)" />
    <path d="M6.5 9.5v5.5M10 9.5v5.5M13.5 9.5v5.5" stroke="#ff9d3c" strokeWidth="1.7" strokeLinecap="round" />
    <rect x="18" y="9" width="10" height="6" rx="0.6" fill="var(--label)" />
    <circle cx="33.5" cy="12" r="2" fill="#62dc8f" />
    <path d="M6 20.4h5M29 20.4h5" stroke="var(--case-hole)" strokeWidth="2" strokeLinecap="round" />
  </svg>
)

/** A rail at the side; without words on middling windows, along the bottom on narrow ones. */
export const Navigation = ({ current, onSearch }: { readonly current: PageName; readonly onSearch: () => void }) => {
  const { t } = useTranslation()
  return (
    <nav className={classes.nav} aria-label={t('app.navigation')}>
      <a className={classes.brand} href={hrefOf(['nodes'])} aria-label={t('app.home')}>
        <Mark />
        <span className="lettered" aria-hidden>
          k3lab
        </span>
      </a>
      <UnstyledButton className={classes.search} onClick={onSearch} aria-keyshortcuts="Control+K">
        <IconSearch size={17} aria-hidden />
        <span>{t('app.search')}</span>
        <kbd>Ctrl K</kbd>
      </UnstyledButton>
      <ul>
        {PAGES.map(name => {
          const Icon = pageIcons[name]
          return (
            <li key={name} data-page={name}>
              <a href={hrefOf([name])} aria-current={current === name ? 'page' : undefined} title={t(`app.pages.${name}`)}>
                <Icon size={21} stroke={1.7} aria-hidden />
                <span>{t(`app.pages.${name}`)}</span>
              </a>
            </li>
          )
        })}
      </ul>
    </nav>
  )
}
