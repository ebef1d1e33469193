import type { components, paths } from './schema';

type Json<Path extends keyof paths, Method extends keyof paths[Path]> = paths[Path][Method] extends {
  responses: { 200: { content: { 'application/json': infer Body } } };
}
  ? Body
  : never;

export type Call = Json<'/api/calls/{call_id}', 'get'>;
export type CallPage = Json<'/api/calls', 'get'>;
export type ListedCall = CallPage['items'][number];
export type Transcript = Json<'/api/calls/{call_id}/transcript', 'get'>;
export type Segment = Transcript['segments'][number];
export type Timeline = Json<'/api/calls/{call_id}/timeline', 'get'>;
export type TimelineEvent = Timeline['events'][number];
export type InvariantList = Json<'/api/health/invariants', 'get'>;
export type Invariant = InvariantList['items'][number];
export type User = Json<'/api/session', 'get'>['user'];
export type Board = Json<'/api/board', 'get'>;
export type BoardQueue = Board['queues'][number];
export type BoardCall = Board['calls'][number];
export type BoardWorker = Board['workers'][number];
export type BoardAlert = Board['alerts'][number];
export type History = Json<'/api/history', 'get'>;
export type FoundCall = History['items'][number];
export type Snippet = FoundCall['snippets'][number];
export type InterimWords = components['schemas']['InterimWords'];
export type Profile = Json<'/api/profiles/{name}', 'get'>;
export type ProfileVersion = Json<'/api/profiles/{name}/versions', 'get'>['items'][number];
export type ProfileBody = ProfileVersion['body'];
export type ProfileDifference = Json<'/api/profiles/{name}/compare', 'get'>['items'][number];
export type LessonPage = Json<'/api/lessons', 'get'>;
export type ListedLesson = LessonPage['items'][number];
export type LessonState = ListedLesson['state'];
export type Lesson = Json<'/api/lessons/{lesson_id}', 'get'>;
export type FailedDraft = Json<'/api/lessons/failed', 'get'>['items'][number];
export type Quote = Lesson['quotes'][number];
export type AskedAgent = Json<'/api/lessons/{lesson_id}/ask', 'post'>;
export type AgentsAnswer = AskedAgent['with_lesson'];
export type Tool = Json<'/api/tools', 'get'>['items'][number];
export type Escalation = Json<'/api/escalations', 'get'>['items'][number];
export type Presence = Json<'/api/presence', 'get'>;
export type Connection = Json<'/api/calls/{call_id}/join', 'post'>;
export type Mode = Connection['mode'];
export type Notes = Json<'/api/calls/{call_id}/notes', 'get'>;
