import { ApiProblem, problemFrom } from '../../api/problem';
import type { components } from '../../api/schema';

export type SoundKind = components['schemas']['SoundKind'];

export interface NewSound {
  name: string;
  kind: SoundKind;
  language: string | null;
}

/**
 * Sends a file as a new sound. `onProgress` hears the share that was sent; fetch cannot tell it, so this is an
 * XMLHttpRequest. Throws ApiProblem.
 */
export function uploadSound(about: NewSound, file: Blob, onProgress: (share: number) => void): Promise<void> {
  const query = new URLSearchParams({ name: about.name, kind: about.kind });
  if (about.language) query.set('language', about.language);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/api/sounds?${query.toString()}`);
    request.setRequestHeader('X-CSRF', '1');
    request.setRequestHeader('Content-Type', file.type === '' ? 'application/octet-stream' : file.type);
    request.upload.onprogress = ({ loaded, total }) => {
      onProgress(total > 0 ? loaded / total : 0);
    };
    request.onload = () => {
      if (request.status < 300) resolve();
      else reject(problemFrom(bodyOf(request.responseText), request.status));
    };
    request.onerror = () => {
      reject(new ApiProblem({ status: 0, title: 'unreachable' }));
    };
    request.send(file);
  });
}

function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
