import { type DragEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { QuizOption } from '../../../shared/domain/lab.ts'
import { parsedAnswer } from './answers.ts'
import { MarkdownLine } from './Markdown.tsx'
import type { FieldProps } from './QuizForm.tsx'

/** Slips of paper to be laid into bins: dragged, or with the buttons every slip has for every bin. */
export const SortField = ({ id, field, value, disabled, onChange }: FieldProps) => {
  const { t } = useTranslation()
  const [over, setOver] = useState<string>()
  const [moved, setMoved] = useState('')
  const placed = parsedAnswer<Record<string, string>>(value) ?? {}
  const bins = field.bins ?? []
  const options = field.options ?? []
  const loose = options.filter(option => !bins.some(bin => bin.id === placed[option.id]))
  const put = (item: QuizOption, bin: QuizOption | undefined) => {
    const { [item.id]: _taken, ...rest } = placed
    onChange(JSON.stringify(bin ? { ...rest, [item.id]: bin.id } : rest))
    setMoved(t('labs.laidInto', { name: item.label, bin: bin?.label ?? t('labs.loose') }))
  }
  const drop = (bin: QuizOption | undefined) => ({
    'data-over': over === (bin?.id ?? 'loose'),
    onDragOver: (event: DragEvent) => {
      event.preventDefault()
      setOver(bin?.id ?? 'loose')
    },
    onDragLeave: () => setOver(undefined),
    onDrop: (event: DragEvent) => {
      event.preventDefault()
      setOver(undefined)
      const item = options.find(option => option.id === event.dataTransfer.getData('text/plain'))
      if (item && !disabled) put(item, bin)
    },
  })
  const slip = (item: QuizOption) => (
    <li key={item.id} className="lab-slip" draggable={!disabled} onDragStart={event => event.dataTransfer.setData('text/plain', item.id)}>
      <span id={`${id}-${item.id}`}>
        <MarkdownLine text={item.label} />
      </span>
      {!disabled && (
        <span className="lab-slip-keys" role="radiogroup" aria-labelledby={`${id}-${item.id}`}>
          {bins.map(bin => (
            <button
              key={bin.id}
              type="button"
              role="radio"
              aria-checked={placed[item.id] === bin.id}
              onClick={() => put(item, placed[item.id] === bin.id ? undefined : bin)}
            >
              {bin.label}
            </button>
          ))}
        </span>
      )}
    </li>
  )
  return (
    <div className="lab-sort">
      {loose.length > 0 && (
        <ul className="lab-loose" aria-label={t('labs.loose')} {...drop(undefined)}>
          {loose.map(slip)}
        </ul>
      )}
      <div className="lab-bins">
        {bins.map(bin => (
          <section key={bin.id} className="lab-bin" aria-label={bin.label} {...drop(bin)}>
            <h4>{bin.label}</h4>
            <ul>{options.filter(option => placed[option.id] === bin.id).map(slip)}</ul>
          </section>
        ))}
      </div>
      <span className="unseen" role="status">
        {moved}
      </span>
    </div>
  )
}
