import type { paths } from './schema';

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
