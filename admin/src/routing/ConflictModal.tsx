import { Button, Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DifferenceList } from './DifferenceList';
import { type Choice, contested, type Contested, merged, usualChoice } from './merge';
import { checkQuery } from './queries';
import classes from './Routing.module.css';
import { plain, type Rule } from './rules';
import type { Editor } from './useEditor';
import type { Edition } from './work';
import { actionWords, whenWords } from './words';
import { Dialog } from '../app/Dialog';

interface Props {
  editor: Editor;
  theirs: Edition;
  onClose: () => void;
}

/** What the other has changed and what one has changed oneself, in words, and whose rule is taken where they differ. */
export function ConflictModal({ editor: { work, step }, theirs, onClose }: Props) {
  const { t } = useTranslation();
  const base = work.base.rules;
  const mine = useMemo(() => plain(work.rules), [work.rules]);
  const questions = useMemo(() => contested(base, mine, theirs.rules), [base, mine, theirs]);
  const [choices, setChoices] = useState<ReadonlyMap<string, Choice>>(new Map());
  const chosen = (question: Contested) => choices.get(question.id) ?? usualChoice(question);
  const finish = () => {
    step({ do: 'merge', edition: theirs, rules: merged(base, mine, theirs.rules, choices) });
    onClose();
  };
  return (
    <Dialog opened onClose={onClose} title={t('routing.conflict')} size="xl">
      <Stack gap="md">
        <Sides base={base} mine={mine} theirs={theirs} />
        <AllRules questions={questions} onChoose={setChoices} />
        <ul className={classes.questions} aria-label={t('routing.contested')}>
          {questions.map((question) => (
            <Question
              key={question.id}
              question={question}
              choice={chosen(question)}
              onChoose={(choice) => {
                setChoices(new Map(choices).set(question.id, choice));
              }}
            />
          ))}
        </ul>
        <Group justify="space-between">
          <Text size="xs" c="dimmed">
            {t('routing.resolveHint')}
          </Text>
          <Button onClick={finish}>{t('routing.goOn')}</Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

interface SidesProps {
  base: readonly Rule[];
  mine: readonly Rule[];
  theirs: Edition;
}

function Sides({ base, mine, theirs }: SidesProps) {
  const { t } = useTranslation();
  const sides = [
    {
      heading: t('routing.theirChanges', { who: theirs.changedBy }),
      check: useQuery(checkQuery(theirs.rules, base)),
    },
    { heading: t('routing.myChanges'), check: useQuery(checkQuery(mine, base)) },
  ];
  return (
    <div className={classes.sides}>
      {sides.map(({ heading, check }) => (
        <section key={heading}>
          <h3 className={classes.part}>{heading}</h3>
          <DifferenceList differences={check.data?.differences} label={heading} />
        </section>
      ))}
    </div>
  );
}

interface AllRulesProps {
  questions: readonly Contested[];
  onChoose: (choices: ReadonlyMap<string, Choice>) => void;
}

function AllRules({ questions, onChoose }: AllRulesProps) {
  const { t } = useTranslation();
  const every = (choice: Choice) => new Map(questions.map(({ id }) => [id, choice]));
  const ways = [
    { label: t('routing.takeOver'), choices: every('theirs') },
    { label: t('routing.keepMine'), choices: every('mine') },
    { label: t('routing.mergeBoth'), choices: new Map<string, Choice>() },
  ];
  return (
    <Group gap="xs">
      <Text size="sm">{t('routing.allRules')}</Text>
      {ways.map(({ label, choices }) => (
        <Button
          key={label}
          size="compact-sm"
          variant="default"
          onClick={() => {
            onChoose(choices);
          }}
        >
          {label}
        </Button>
      ))}
    </Group>
  );
}

interface QuestionProps {
  question: Contested;
  choice: Choice;
  onChoose: (choice: Choice) => void;
}

function Question({ question, choice, onChoose }: QuestionProps) {
  const { t } = useTranslation();
  const rule = question[choice];
  const words = rule
    ? [whenWords(rule.when ?? {}, t).join(' · ') || t('routing.always'), actionWords(rule.then, t)].join(
        ' → ',
      )
    : t(question.base ? 'routing.ruleRemoved' : 'routing.ruleNotThere');
  return (
    <li className={classes.question} data-both={question.by === 'both' || undefined}>
      <div className={classes.says}>
        <strong>{question.name}</strong>
        <span className={classes.words}>
          {t(`routing.changedBy.${question.by}`)} · {words}
        </span>
      </div>
      <SegmentedControl
        size="xs"
        aria-label={question.name}
        value={choice}
        onChange={(value) => {
          onChoose(value === 'theirs' ? 'theirs' : 'mine');
        }}
        data={(['theirs', 'mine'] as const).map((side) => ({
          value: side,
          label: t(`routing.side.${side}`),
        }))}
      />
    </li>
  );
}
