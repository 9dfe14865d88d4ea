import { type FormEvent, useState } from 'react'
import { Button } from '@mantine/core'
import { IconCheck, IconX } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { LabStepState, LabStepText, QuizField } from '../../../shared/domain/lab.ts'
import { Markdown, MarkdownLine } from './Markdown.tsx'
import { OrderField } from './OrderField.tsx'
import { SortField } from './SortField.tsx'
import { TableField } from './TableField.tsx'

export interface FieldProps {
  readonly id: string
  readonly field: QuizField
  readonly value: string
  readonly disabled: boolean
  readonly onChange: (value: string) => void
}

interface QuizFormProps {
  readonly text: LabStepText
  readonly state: LabStepState
  readonly onAnswer: (answers: Record<string, string>) => Promise<unknown>
}

/** A step's questions. Every answer is marked when the form is handed in, never while typing. */
export const QuizForm = ({ text, state, onAnswer }: QuizFormProps) => {
  const { t } = useTranslation()
  const [draft, setDraft] = useState<Record<string, string>>({})
  const [sending, setSending] = useState(false)
  if (text.quiz.length === 0) return null
  const values = { ...state.answers, ...draft }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setSending(true)
    void onAnswer(Object.fromEntries(text.quiz.map(({ key }) => [key, values[key] ?? '']).filter(([, value]) => value !== '')))
      .then(() => setDraft({}))
      .finally(() => setSending(false))
  }
  return (
    <form className="lab-quiz" onSubmit={submit} aria-label={t('labs.questions', { step: text.title })}>
      {text.quiz.map(field => {
        const id = `${text.id}-${field.key}`
        // A mark belongs to the answer that was handed in, not to one that is being changed.
        const mark = draft[field.key] === undefined ? state.marks[field.key] : undefined
        const Field = fields[field.type]
        return (
          <fieldset key={field.key} className="lab-field" data-right={mark?.right} disabled={state.passed}>
            <legend id={`${id}-label`}>
              <MarkdownLine text={field.label} />
            </legend>
            {field.type === 'table' ? (
              <TableField
                id={id}
                table={state.tables[field.key]}
                value={values[field.key] ?? ''}
                disabled={state.passed}
                onChange={value => setDraft({ ...draft, [field.key]: value })}
              />
            ) : (
              Field && (
                <Field
                  id={id}
                  field={field}
                  value={values[field.key] ?? ''}
                  disabled={state.passed}
                  onChange={value => setDraft({ ...draft, [field.key]: value })}
                />
              )
            )}
            {mark && (
              <div className="lab-mark" role="status">
                {mark.right ? <IconCheck size={16} aria-hidden /> : <IconX size={16} aria-hidden />}
                <div>
                  <span>{t(mark.right ? 'labs.right' : 'labs.notYet')}</span>
                  {mark.why && <Markdown text={mark.why} />}
                </div>
              </div>
            )}
          </fieldset>
        )
      })}
      {!state.passed && (
        <Button type="submit" size="compact-md" loading={sending}>
          {t('labs.answer')}
        </Button>
      )}
    </form>
  )
}

const TextField = ({ id, field, value, onChange }: FieldProps) => (
  <span className="lab-line">
    <input
      type="text"
      inputMode={field.type === 'number' ? 'decimal' : 'text'}
      className={field.type === 'number' ? 'lab-input lab-number numbers' : 'lab-input mono'}
      aria-labelledby={`${id}-label`}
      autoComplete="off"
      spellCheck={false}
      value={value}
      onChange={event => onChange(event.target.value)}
    />
    {field.unit && <span>{field.unit}</span>}
  </span>
)

const ChoiceField = ({ id, field, value, onChange }: FieldProps) => (
  <div className="lab-choices">
    {field.options?.map(option => (
      <label key={option.id} className="lab-choice">
        <input type="radio" name={id} value={option.id} checked={value === option.id} onChange={() => onChange(option.id)} />
        <MarkdownLine text={option.label} />
      </label>
    ))}
  </div>
)

const fields: Readonly<Partial<Record<QuizField['type'], (props: FieldProps) => React.ReactNode>>> = {
  number: TextField,
  text: TextField,
  choice: ChoiceField,
  order: OrderField,
  sort: SortField,
}
