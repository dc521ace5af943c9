import { lazy } from "react";
import { Link, Navigate, Outlet, Route, Routes } from "react-router";
import { CommitPage } from "../chain/commit-page.tsx";
import { ReviewPage } from "../changes/review-page.tsx";
import { CvmPage } from "../cvm/cvm-page.tsx";
import { OverviewTab } from "../cvm/overview-tab.tsx";
import { CvmListPage } from "../cvm-list/cvm-list-page.tsx";
import { Notice } from "../design/components.tsx";
import { EnvironmentTab } from "../environment/environment-tab.tsx";
import { HistoryTab } from "../history/history-tab.tsx";
import { OsImageTab } from "../settings/os-image-tab.tsx";
import { ResourcesTab } from "../settings/resources-tab.tsx";
import { VisibilityTab } from "../settings/visibility-tab.tsx";
import { SignedInTop } from "../sign-in/signed-in-top.tsx";
import { ConnectionNotice } from "./connection-notice.tsx";
import { PageFrame } from "./page-frame.tsx";

// The editor is the largest part of the console. It is loaded when it is opened.
const ComposeTab = lazy(async () => ({ default: (await import("../compose/compose-tab.tsx")).ComposeTab }));

function SignedInFrame() {
  return (
    <PageFrame top={<SignedInTop />}>
      <ConnectionNotice />
      <Outlet />
    </PageFrame>
  );
}

function MissingPage() {
  return (
    <Notice title="There is no such page">
      <p>
        <Link to="/">Go to the list of CVMs</Link>
      </p>
    </Notice>
  );
}

/** Pages of the console. */
export function ConsoleRoutes() {
  return (
    <Routes>
      <Route element={<SignedInFrame />}>
        <Route index element={<CvmListPage />} />
        <Route path="cvms/:id" element={<CvmPage />}>
          <Route index element={<OverviewTab />} />
          <Route path="compose" element={<ComposeTab />} />
          <Route path="environment" element={<EnvironmentTab />} />
          <Route path="resources" element={<ResourcesTab />} />
          <Route path="visibility" element={<VisibilityTab />} />
          <Route path="os-image" element={<OsImageTab />} />
          <Route path="history" element={<HistoryTab />} />
          <Route path="review" element={<ReviewPage />} />
          <Route path="commit" element={<CommitPage />} />
          <Route path="*" element={<Navigate to="." replace />} />
        </Route>
        <Route path="*" element={<MissingPage />} />
      </Route>
    </Routes>
  );
}
