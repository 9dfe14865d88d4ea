import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { FieldProps } from './QuizForm.tsx'
import { parsedAnswer } from './answers.ts'

/** Items to be put in order: dragged, or moved with the arrow buttons. */
export const OrderField = ({ id, field, value, disabled, onChange }: FieldProps) => {
  const { t } = useTranslation()
  const [moved, setMoved] = useState('')
  const options = field.options ?? []
  const order = parsedAnswer<string[]>(value) ?? options.map(option => option.id)
  const move = (item: string, to: number) => {
    if (to < 0 || to >= order.length) return
    const next = order.filter(one => one !== item)
    next.splice(to, 0, item)
    onChange(JSON.stringify(next))
    setMoved(t('labs.movedTo', { name: options.find(option => option.id === item)?.label ?? item, position: to + 1 }))
  }
  return (
    <>
      <ol className="lab-order" aria-labelledby={`${id}-label`}>
        {order.map((item, index) => {
          const label = options.find(option => option.id === item)?.label ?? item
          return (
            <li
              key={item}
              className="lab-slip"
              draggable={!disabled}
              onDragStart={event => event.dataTransfer.setData('text/plain', item)}
              onDragOver={event => event.preventDefault()}
              onDrop={event => {
                event.preventDefault()
                move(event.dataTransfer.getData('text/plain'), index)
              }}
            >
              <span>{label}</span>
              <button type="button" aria-label={t('labs.moveUp', { name: label })} disabled={index === 0} onClick={() => move(item, index - 1)}>
                <IconArrowUp size={15} aria-hidden />
              </button>
              <button
                type="button"
                aria-label={t('labs.moveDown', { name: label })}
                disabled={index === order.length - 1}
                onClick={() => move(item, index + 1)}
              >
                <IconArrowDown size={15} aria-hidden />
              </button>
            </li>
          )
        })}
      </ol>
      <span className="unseen" role="status">
        {moved}
      </span>
    </>
  )
}
