import { Component, type ReactNode, Suspense } from "react";
import { Button, Loading, Notice } from "../design/components.tsx";
import { PageFrame } from "./page-frame.tsx";

type Props = { readonly children: ReactNode };
type State = { readonly hasFailed: boolean };

/** Show a page that can be left when something unexpected fails, and not an empty one. */
export class Boundary extends Component<Props, State> {
  override state: State = { hasFailed: false };

  static getDerivedStateFromError(): State {
    return { hasFailed: true };
  }

  override render(): ReactNode {
    if (!this.state.hasFailed) {
      return (
        <Suspense
          fallback={
            <PageFrame>
              <Loading />
            </PageFrame>
          }
        >
          {this.props.children}
        </Suspense>
      );
    }
    return (
      <PageFrame>
        <Notice
          tone="danger"
          title="This page has failed"
          isLive
          actions={<Button onClick={() => location.assign("/")}>Load the console again</Button>}
        >
          <p>A change that was sent continues. Its operation is in the history of the CVM.</p>
        </Notice>
      </PageFrame>
    );
  }
}
