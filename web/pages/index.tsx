/** Every page, as a function from what there is to show to one whole HTML document. */
export type { Shell } from '../components/document.tsx'
export type { Trouble } from '../components/trouble.tsx'
export type { Sender } from '../components/what-we-send.tsx'
export { type FormView, formPage } from './form-page.tsx'
export { type InboxView, inboxPage, type Landed, type MisbehaviourView } from './inbox-page.tsx'
export { type MessageView, messagePage } from './message-page.tsx'
export { type SentView, sentPage } from './sent-page.tsx'
export { type SignInView, signInPage } from './sign-in-page.tsx'
