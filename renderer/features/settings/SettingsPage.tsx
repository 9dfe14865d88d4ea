import { ActionIcon, CopyButton, SegmentedControl } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { Settings } from '../../../shared/contract/contract.ts'
import { useSettings } from '../../app/preferences.ts'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { Facts } from '../../components/Facts.tsx'
import { Page, Sheet } from '../../components/Page.tsx'
import { client } from '../../rpc/client.ts'
import classes from './settings.module.css'

/** A path with a blank in it has to be quoted, in every shell the same way. */
const quoted = (path: string) => (/[^\w./\\:~-]/.test(path) ? `"${path}"` : path)

/** Text to be used elsewhere, with a button that takes it along. */
const Command = ({ text }: { readonly text: string }) => {
  const { t } = useTranslation()
  return (
    <span className={classes.command}>
      <code>{text}</code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <ActionIcon variant="subtle" color="gray" onClick={copy} aria-label={t(copied ? 'common.copied' : 'common.copyText', { text })}>
            {copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
          </ActionIcon>
        )}
      </CopyButton>
    </span>
  )
}

export default function SettingsPage() {
  const { t } = useTranslation()
  const { settings, save, error } = useSettings()
  const facts = useQuery({ queryKey: ['facts'], queryFn: () => client.app.facts() })
  const homelab = useQuery({ queryKey: ['homelab'], queryFn: () => client.homelab.facts() })
  return (
    <Page title={t('settings.title')}>
      {error && <ErrorNotice error={error} />}
      <div className={classes.columns}>
        <Sheet title={t('settings.look')}>
          <div className={classes.row}>
            <span id="setting-locale">{t('settings.language')}</span>
            <SegmentedControl
              aria-labelledby="setting-locale"
              value={settings.locale}
              onChange={locale => save({ ...settings, locale: locale as Settings['locale'] })}
              data={[
                { value: 'ko', label: '한국어' },
                { value: 'en', label: 'English' },
              ]}
            />
          </div>
          <div className={classes.row}>
            <span id="setting-theme">{t('settings.theme.label')}</span>
            <SegmentedControl
              aria-labelledby="setting-theme"
              value={settings.colorScheme}
              onChange={colorScheme => save({ ...settings, colorScheme: colorScheme as Settings['colorScheme'] })}
              data={(['light', 'dark', 'auto'] as const).map(value => ({ value, label: t(`settings.theme.${value}`) }))}
            />
          </div>
        </Sheet>
        <Sheet title={t('settings.about')}>
          {facts.error && <ErrorNotice error={facts.error} onRetry={() => void facts.refetch()} />}
          <Facts
            rows={[
              ['k3lab', facts.data?.version],
              ['Kubernetes', facts.data?.kubernetesVersion],
              [t('settings.host'), facts.data && t(`settings.hosts.${facts.data.host}`)],
              [t('settings.platform'), facts.data?.platform],
              [t('settings.dataDir'), facts.data && <Command key="dir" text={facts.data.dataDir} />],
            ]}
          />
        </Sheet>
        <Sheet wide title={t('settings.homelab')}>
          {homelab.error && <ErrorNotice error={homelab.error} onRetry={() => void homelab.refetch()} />}
          <Facts
            rows={[
              [t('settings.preset'), homelab.data && `${homelab.data.preset} (seed ${homelab.data.seed})`],
              [
                t('settings.kubeconfig'),
                homelab.data && <Command key="kubectl" text={`kubectl --kubeconfig ${quoted(homelab.data.kubeconfigPath)} get nodes`} />,
              ],
              [t('settings.ssh'), homelab.data && <Command key="ssh" text={`ssh -F ${quoted(homelab.data.sshConfigPath)} mini-1`} />],
            ]}
          />
        </Sheet>
      </div>
    </Page>
  )
}
