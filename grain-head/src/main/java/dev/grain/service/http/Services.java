package dev.grain.service.http;

import dev.grain.service.api.JobService;
import dev.grain.service.api.NodeService;
import dev.grain.service.blob.Blobs;
import dev.grain.service.log.Logs;
import dev.grain.service.store.Store;

/** What a server makes available by HTTP. */
public record Services(Store store, Blobs blobs, Logs logs, JobService jobs, NodeService nodes) {}
