//! Every maximum in one place: each is enforced, tested at n and n+1, and listed in the docs.

/// Bytes of one resource or PATCH body.
pub const RESOURCE_BODY_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of a Bulk or `.search` body; also published in ServiceProviderConfig.
pub const BULK_BODY_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Operations of one Bulk request; also published in ServiceProviderConfig.
pub const BULK_OPERATIONS_MAX: usize = 1_000;
/// Operations of one PATCH.
pub const PATCH_OPERATIONS_MAX: usize = 1_000;
/// Members named in one request.
pub const MEMBERS_PER_REQUEST_MAX: usize = 10_000;
/// Members of one group that name nobody present and wait.
pub const PENDING_MEMBERS_PER_GROUP_MAX: usize = 20_000;
/// Nesting of arrays and objects in a body.
pub const JSON_DEPTH_MAX: usize = 16;
/// Bytes of one attribute's text.
pub const STRING_BYTES_MAX: usize = 65_536;
/// Bytes of `userName`, `externalId` and a group's `displayName`, which are indexed.
pub const KEY_STRING_BYTES_MAX: usize = 1_024;
/// Values of one multi-valued attribute other than `members`.
pub const VALUES_PER_ATTRIBUTE_MAX: usize = 1_000;
/// Attributes of one resource, unknown ones included.
pub const ATTRIBUTES_MAX: usize = 500;
/// Bytes of one resource's names and texts, however many requests brought them; members don't count.
pub const RESOURCE_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of a filter.
pub const FILTER_BYTES_MAX: usize = 8 * 1024;
/// Nesting of parentheses, `not` and brackets in a filter.
pub const FILTER_DEPTH_MAX: usize = 32;
/// Comparisons in one filter.
pub const FILTER_TERMS_MAX: usize = 100;
/// Resources on one page; also published in ServiceProviderConfig.
pub const PAGE_RESOURCES_MAX: usize = 1_000;
/// Resources on a page when the request names no count.
pub const PAGE_RESOURCES_DEFAULT: usize = 100;
/// Seconds for which a cursor is promised to work; also published in ServiceProviderConfig.
pub const CURSOR_SECS_MAX: u64 = 3_600;
/// Bytes of a cursor that a client sends back.
pub const CURSOR_BYTES_MAX: usize = 8 * 1024;
/// Bytes of a text that count when resources are sorted by it.
pub const SORT_KEY_BYTES_MAX: usize = 256;
/// Depth to which nested groups are followed for indirect `User.groups`.
pub const GROUP_NESTING_MAX: usize = 16;
/// Custom extension schemas of one directory.
pub const EXTENSION_SCHEMAS_MAX: usize = 20;
/// Attributes of one custom extension schema, sub-attributes included.
pub const EXTENSION_ATTRIBUTES_MAX: usize = 200;

/// Objects on one page of the app's API when the request names no limit, and at most.
pub const APP_PAGE_DEFAULT: usize = 10;
pub const APP_PAGE_MAX: usize = 1_000;
/// Bytes of a body sent to the app's API.
pub const APP_BODY_BYTES_MAX: usize = 1024 * 1024;
/// Seconds that a long poll may ask for.
pub const LONG_POLL_SECS_MAX: u64 = 60;

/// Write jobs that one directory may have waiting; the next is refused with 429.
pub const WRITES_QUEUED_PER_DIRECTORY_MAX: usize = 1_024;
/// Write jobs waiting altogether; the next is refused with 503.
pub const WRITES_QUEUED_MAX: usize = 8_192;
/// Jobs committed together.
pub const WRITES_PER_COMMIT_MAX: usize = 512;
/// Credentials that are remembered between requests; one more and all are looked up again.
pub const CREDENTIALS_REMEMBERED_MAX: usize = 10_000;
/// Tokens that a directory may have at a time.
pub const TOKENS_PER_DIRECTORY_MAX: usize = 20;

/// Bytes of a request's body kept in its request record.
pub const RECORDED_BODY_BYTES_MAX: usize = 16 * 1024;
/// Request records waiting to be written; errors wait, successful reads are dropped beyond this.
pub const RECORDS_QUEUED_MAX: usize = 4_096;
/// Successful reads recorded per second; more are counted, not kept.
pub const READ_RECORDS_PER_SEC_MAX: u32 = 50;

/// Bytes of a request's target and headers.
pub const HEADER_BYTES_MAX: usize = 64 * 1024;
/// Header fields of one request.
pub const HEADER_FIELDS_MAX: usize = 64;
/// Connections open on the public listener, altogether and from one address.
pub const CONNECTIONS_MAX: usize = 10_000;
pub const CONNECTIONS_PER_ADDRESS_MAX: usize = 1_024;
/// Requests at a time on one HTTP/2 connection.
pub const HTTP2_STREAMS_MAX: u32 = 128;
/// Seconds that a request's body may pause, and take altogether.
pub const BODY_IDLE_SECS_MAX: u64 = 10;
pub const BODY_SECS_MAX: u64 = 30;
/// Pieces of a streamed response that wait for a slow reader; the producer waits beyond this.
pub const STREAM_PIECES_QUEUED_MAX: usize = 16;

/// Bytes of an answer of the certificate authority.
pub const ACME_ANSWER_BYTES_MAX: usize = 256 * 1024;

/// Pairs of an organization's metadata, and bytes of a key and of a value.
pub const METADATA_KEYS_MAX: usize = 50;
pub const METADATA_KEY_BYTES_MAX: usize = 100;
pub const METADATA_VALUE_BYTES_MAX: usize = 600;
/// Domains of one organization.
pub const DOMAINS_PER_ORGANIZATION_MAX: usize = 100;
/// Bytes of a name that people give: of organizations, directories and keys.
pub const NAME_BYTES_MAX: usize = 256;
/// Bytes of a directory's `external_key`.
pub const EXTERNAL_KEY_BYTES_MAX: usize = 64;
/// Held users decided about in one commit, named in one request, and decided about by one request.
pub const HELD_PER_COMMIT_MAX: usize = 100;
pub const HELD_NAMED_MAX: usize = 1_000;
pub const HELD_PER_REQUEST_MAX: usize = 5_000;
/// Requests without a success that make an alarm, and newest records that are looked at for them.
pub const ERROR_STREAK_REQUESTS: usize = 20;
pub const STREAK_RECORDS_MAX: u32 = 200;
/// Alarms of a directory that are kept after they were cleared.
pub const ALARMS_KEPT_MAX: usize = 200;
/// Seconds of a brake's window, and of the silence of a provider, at most.
pub const BRAKE_WINDOW_SECS_MAX: u64 = 604_800;
pub const SILENCE_SECS_MAX: u64 = 31_536_000;
/// Long polls and streams open at a time; the next is refused with 503.
pub const EVENT_WAITERS_MAX: usize = 512;
/// Connections open on each of the app's listeners.
pub const APP_CONNECTIONS_MAX: usize = 1_024;
/// Bytes of a request's headers over HTTP/2, as that protocol counts them.
pub const HTTP2_HEADER_BYTES_MAX: u32 = 64 * 1024;
/// HTTP/2 streams that a client may reset before they are taken up, and that we may reset.
pub const HTTP2_PENDING_RESETS_MAX: usize = 20;
pub const HTTP2_LOCAL_RESETS_MAX: usize = 256;

/// Seconds in which a command must reach the daemon, and have its answer.
pub const CLI_CONNECT_SECS_MAX: u64 = 5;
pub const CLI_ANSWER_SECS_MAX: u64 = 60;
/// Bytes of an answer that a command reads.
pub const CLI_ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Objects that a command asks for at a time.
pub const CLI_PAGE_MAX: usize = 100;
/// Seconds between attempts of `events tail` to reach a daemon that went away.
pub const CLI_RETRY_SECS_MAX: u64 = 30;

/// Seconds in which an outgoing connection, or the look-up of a name, must succeed.
pub const OUTGOING_CONNECT_SECS_MAX: u64 = 5;
/// Seconds that an outgoing request may take, and bytes of its answer, where nothing else is said.
pub const OUTGOING_ANSWER_SECS_MAX: u64 = 30;
pub const OUTGOING_ANSWER_BYTES_MAX: usize = 1024 * 1024;
/// Addresses of one name that are tried.
pub const OUTGOING_ADDRESSES_MAX: usize = 8;
/// Seconds for which an outgoing connection is kept for the next request, and how many of one host.
pub const OUTGOING_IDLE_SECS_MAX: u64 = 30;
pub const OUTGOING_IDLE_PER_HOST_MAX: usize = 8;

/// Bytes of one page or file that a connector reads, and of all that it reads in one run.
pub const CONNECTOR_PAGE_BYTES_MAX: usize = 64 * 1024 * 1024;
pub const CONNECTOR_RUN_BYTES_MAX: usize = 512 * 1024 * 1024;
/// Seconds that one page or file, and a whole run, may take.
pub const CONNECTOR_PAGE_SECS_MAX: u64 = 120;
pub const CONNECTOR_RUN_SECS_MAX: u64 = 3_600;
/// Users and groups of one listing, members of all its groups, pages of one list.
pub const CONNECTOR_USERS_MAX: usize = 500_000;
pub const CONNECTOR_GROUPS_MAX: usize = 50_000;
pub const CONNECTOR_MEMBERS_MAX: usize = 5_000_000;
pub const CONNECTOR_PAGES_MAX: usize = 10_000;
/// Bytes of one record of a listing, and columns of a file.
pub const CONNECTOR_RECORD_BYTES_MAX: usize = 256 * 1024;
pub const CONNECTOR_COLUMNS_MAX: usize = 1_000;
/// Values of one page or file, fields or JSON: each takes more memory than its bytes.
pub const CONNECTOR_VALUES_MAX: usize = 5_000_000;
/// Attempts of one request to a provider that asks for patience.
pub const CONNECTOR_ATTEMPTS_MAX: u32 = 6;
/// Seconds that a provider may ask to wait for; more ends the run.
pub const CONNECTOR_RETRY_SECS_MAX: u64 = 120;
/// Runs of connectors at a time, and changes that one of them has under way.
pub const CONNECTOR_RUNS_AT_ONCE_MAX: usize = 2;
pub const CONNECTOR_CHANGES_AT_ONCE_MAX: usize = 32;
/// Reports of a connector's runs that are kept, and refused records named in one.
pub const CONNECTOR_RUNS_KEPT_MAX: usize = 100;
pub const CONNECTOR_REFUSED_SHOWN_MAX: usize = 20;
/// Removals in 24 hours that need nobody's approval, when a tenth of the directory is less.
pub const CONNECTOR_REMOVALS_FREE_MAX: usize = 5;

/// Bytes of an answer that a fake provider reads.
pub const IDP_ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Seconds in which a fake provider must have a connection.
pub const IDP_CONNECT_SECS_MAX: u64 = 10;
/// Seconds that a fake provider waits between two attempts, whatever its pace or a Retry-After says.
pub const IDP_WAIT_SECS_MAX: u64 = 30;
/// People and groups of a fake customer.
pub const IDP_PEOPLE_MAX: usize = 100_000;
pub const IDP_GROUPS_MAX: usize = 10_000;
/// Pages that a fake provider reads of one list.
pub const IDP_PAGES_MAX: usize = 2_000;
/// Findings that a fake provider's report lists; more are counted.
pub const IDP_FINDINGS_MAX: usize = 200;

/// Targets of one mapping, the provider's defaults not counted.
pub const MAPPING_TARGETS_MAX: usize = 200;
/// Sources of one target.
pub const MAPPING_SOURCES_MAX: usize = 20;
/// Role rules of one mapping.
pub const MAPPING_RULES_MAX: usize = 200;
/// Bytes of one template.
pub const MAPPING_TEMPLATE_BYTES_MAX: usize = 1_024;
/// Bytes of the name of a target.
pub const MAPPING_NAME_BYTES_MAX: usize = 128;
/// Bytes of the slug of a role.
pub const ROLE_BYTES_MAX: usize = 64;
/// Bytes of a mapping's document, written as JSON without blanks.
pub const MAPPING_DOCUMENT_BYTES_MAX: usize = 64 * 1024;
/// Users that a change of the mapping looks at in one read, and changes in one write.
pub const REMAP_USERS_PER_READ_MAX: usize = 500;
pub const REMAP_USERS_PER_WRITE_MAX: usize = 50;
/// Direct members of a group whose roles follow its new name or its end in the same write; those of
/// a larger group follow in the background.
pub const ROLE_MEMBERS_PER_WRITE_MAX: usize = 1_000;
/// Users, newest first, and groups, that the catalogue of seen attributes looks at.
pub const CATALOGUE_USERS_MAX: usize = 10_000;
pub const CATALOGUE_GROUPS_MAX: usize = 1_000;
/// Attributes in the catalogue, distinct values counted of each, and samples shown of each.
pub const CATALOGUE_ATTRIBUTES_MAX: usize = 1_000;
pub const CATALOGUE_DISTINCT_MAX: usize = 1_000;
pub const CATALOGUE_SAMPLES_MAX: usize = 3;

/// People and groups of a fake customer to pull from.
pub const IDP_UPSTREAM_PEOPLE_MAX: usize = 100_000;
pub const IDP_UPSTREAM_GROUPS_MAX: usize = 10_000;
/// Bytes of a body sent to a fake upstream.
pub const IDP_UPSTREAM_BODY_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Connections to a fake upstream; the next waits.
pub const IDP_UPSTREAM_CONNECTIONS_MAX: usize = 256;
/// Requests that a fake upstream remembers; the oldest go first.
pub const IDP_UPSTREAM_REQUESTS_KEPT_MAX: usize = 10_000;
