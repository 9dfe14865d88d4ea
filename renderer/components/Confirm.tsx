import { Button, Group, Modal } from '@mantine/core'
import { useTranslation } from 'react-i18next'

/** Asks before something that cannot be taken back. */
export const Confirm = (props: {
  readonly title: string
  readonly text: string
  readonly action: string
  readonly busy: boolean
  readonly onConfirm: () => void
  readonly onClose: () => void
}) => {
  const { t } = useTranslation()
  return (
    <Modal opened onClose={props.onClose} title={props.title} closeButtonProps={{ 'aria-label': t('common.close') }}>
      <p style={{ marginTop: 0 }}>{props.text}</p>
      <Group justify="flex-end">
        <Button variant="default" onClick={props.onClose} data-autofocus>
          {t('common.cancel')}
        </Button>
        <Button color="red" loading={props.busy} onClick={props.onConfirm}>
          {props.action}
        </Button>
      </Group>
    </Modal>
  )
}
