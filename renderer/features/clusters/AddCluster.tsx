import { Button, Group, Modal, SegmentedControl, Stack, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { navigate } from '../../app/router.ts'
import { chooseCluster } from '../../app/selection.ts'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { client } from '../../rpc/client.ts'
import classes from './clusters.module.css'

/** Adds a real cluster, to look at: from a kubeconfig's text, or its path on this computer. */
export const AddCluster = ({ onClose }: { readonly onClose: () => void }) => {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [by, setBy] = useState<'text' | 'path'>('text')
  const [text, setText] = useState('')
  const [path, setPath] = useState('~/.kube/config')
  const [context, setContext] = useState('')
  const [name, setName] = useState('')
  const add = useMutation({
    mutationFn: () =>
      client.clusters.add({
        kubeconfig: by === 'text' ? { text } : { path: path.trim() },
        ...(context.trim() ? { context: context.trim() } : {}),
        ...(name.trim() ? { name: name.trim() } : {}),
      }),
    onSuccess: async entry => {
      await queries.invalidateQueries({ queryKey: ['clusters'] })
      chooseCluster(entry.id)
      onClose()
      navigate('clusters')
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    add.mutate()
  }
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t('clusters.add.title')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
      closeOnClickOutside={!add.isPending}
    >
      <form onSubmit={submit}>
        <Stack gap="sm">
          <p className={classes.lead}>{t('clusters.add.lead')}</p>
          <SegmentedControl
            aria-label={t('clusters.add.by')}
            value={by}
            onChange={value => setBy(value === 'path' ? 'path' : 'text')}
            data={(['text', 'path'] as const).map(value => ({ value, label: t(`clusters.add.${value}`) }))}
          />
          {by === 'text' ? (
            <Textarea
              data-autofocus
              required
              label={t('clusters.add.kubeconfig')}
              placeholder={'apiVersion: v1\nkind: Config\nclusters:\n…'}
              minRows={7}
              maxRows={12}
              autosize
              spellCheck={false}
              classNames={{ input: 'mono' }}
              value={text}
              onChange={event => setText(event.currentTarget.value)}
            />
          ) : (
            <TextInput
              data-autofocus
              required
              label={t('clusters.add.kubeconfigPath')}
              spellCheck={false}
              value={path}
              onChange={event => setPath(event.currentTarget.value)}
            />
          )}
          <div className={classes.two}>
            <TextInput
              label={t('clusters.add.context')}
              placeholder={t('clusters.add.contextPlaceholder')}
              spellCheck={false}
              value={context}
              onChange={event => setContext(event.currentTarget.value)}
            />
            <TextInput
              label={t('clusters.add.name')}
              placeholder={t('clusters.add.namePlaceholder')}
              maxLength={63}
              value={name}
              onChange={event => setName(event.currentTarget.value)}
            />
          </div>
          {add.error && <ErrorNotice error={add.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('common.cancel')}
            </Button>
            <Button type="submit" loading={add.isPending}>
              {t('clusters.add.submit')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
