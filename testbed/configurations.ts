import { z } from 'zod';
import {
  type ConfigurationFile,
  configurationFileSchema,
  type DeviceConfiguration,
  deviceConfiguration,
} from '../protocol/index.ts';
import type { DocumentForm } from './document-approval.ts';
import { readDocumentFile } from './document-file.ts';

export function configurationJsonSchema(): object {
  const { $schema, ...rest } = z.toJSONSchema(configurationFileSchema, { io: 'input' });
  return { $schema, title: 'Pumprange device configuration', ...rest };
}

/** @throws PumprangeError `PR_FILE_UNREADABLE`, `PR_DOCUMENT_INVALID` */
export function readConfiguration(path: string): ConfigurationFile {
  return readDocumentFile(path, configurationFileSchema);
}

/** What two people sign: the file, and until when pumps may take it. */
export function configurationDocument(file: ConfigurationFile, notAfterMs: number): DeviceConfiguration {
  const { $schema: _, ...content } = file;
  return {
    document: 'device-configuration',
    version: 1,
    ...content,
    notAfter: new Date(notAfterMs).toISOString(),
  };
}

export const CONFIGURATION_FORM: DocumentForm<DeviceConfiguration> = {
  schema: deviceConfiguration,
  draft: (path, notAfterMs) => configurationDocument(readConfiguration(path), notAfterMs),
};
