import '@mantine/core/styles.css';
import './app/theme.css';

import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { startLanguages } from './app/language';
import { makeQueryClient } from './app/queries';
import { makeRouter } from './app/router';
import { theme } from './app/theme';
import { sessionQuery } from './session/session';

async function start(element: HTMLElement): Promise<void> {
  await startLanguages();
  const queries = makeQueryClient((client) => client.setQueryData(sessionQuery.queryKey, null));
  const router = makeRouter(queries);
  createRoot(element).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        defaultColorScheme="auto"
        withCssVariables={false}
        withGlobalClasses={false}
      >
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}

const element = document.getElementById('root');
if (!element) throw new Error('index.html has no element "root"');
void start(element);
