/** Words by which the check tells names that nobody gave it from plain English. */

const set = (words: string): ReadonlySet<string> => new Set(words.trim().split(/\s+/));

/** Words with capitals that stand anywhere. */
export const ACRONYMS = set(
  `UTC HTTP HTTPS API APIs CPU DNS TLS SQL SLO SLA TCP RAM CONFIRMED LIKELY INCONCLUSIVE P95 Z RPS`,
);

/** What a sentence begins with; a name at its start would have a capital as well. In lower case. */
export const STARTERS = set(`
  a about above across additionally after afterwards again all almost along already also although always among an analyse analyze and
  another any anything apart approximately are around as ask assess at average
  because before begin being beside besides between both but by call callers calls can causes check checking clients close closed
  collect compare confirm connection connections consider consult contact continue correlate could customers
  degraded degradation delays demand dependencies dependency deploy deployment deployments despite determine disable discuss do does down
  drop during duration each earlier either eliminate elevated end endpoint endpoints engage ensure error errors escalate establish evaluate
  even every everything evidence examine excess expect explore extra
  fact facts failed failing failure failures fewer find first fix focus follow for from further given go half hardly has have heavy
  high higher however identify if immediately impact in incident incidents including incoming increase increased inspect instead
  interactions intermittent investigate investigation involve is isolate it its just keep kindly later latency latencies less let likely
  list load locate long look lookup low lower
  mainly make many maybe meanwhile median mitigate monitor more moreover most mostly much nearly neither never new next no nobody none nor normal
  normally not nothing notify now of often on once one only open or other others otherwise outside over overall overload owners page part
  people performance perform perhaps pinpoint please possible possibly presumably prevent previous primarily prioritise prioritize
  probably problem problems processes process pull query quickly rate rates read recent recently recheck reduce refer reduced
  release releases remain request requests require requiring resolve resolution response responses restart restore result results retry reverse
  revert review revisit roll rollback roughly route routing run
  saturation scale scan scheduled search see seek service services set several severe severity share shed should show similarly since slow
  slower slowdown slowdowns slowness so some someone something soon start state status statuses step stop study success such sudden
  suspect switch symptoms
  take talk team tell test than that the their them then there therefore these they this those though through throttle throughput thus time
  timeouts timing to today together total trace traces track traffic trigger trouble try turn two typical typically under undo unhealthy
  unless unlike until up upstream use user users using usual usually validate verify version very wait was watch we were
  what when where whether which while who whole why will with within without work you your zero one two three four five six seven eight nine ten
  eleven twelve double twice
  add affected backend block concurrent concurrently concentrate contacting critical drain due elevate enable external following gradual gradually
  internal keeping looking major minor notably ongoing persistent ping potential potentially prioritise probe profile reach record redeploy
  repeat report reproduce shared significant significantly simultaneous simultaneously stable steady temporarily temporary unusual unusually
`);

/** What may stand before `service`, `endpoint` and their like; anything else would be a name. */
export const MODIFIERS = set(`
  a affected all an and any another at backend before between both by called calling central common critical degraded dependent different
  down downstream each earlier entire every external failing faulty first for from given healthy if important in internal is its key known
  last least main many more most much multiple named nearby neighbouring neighboring new no not of on one only or other others our own
  particular per previous producing related responsible same second separate several shared single slow slowest slower some specific
  such that the their these third-party this those three to two underlying unhealthy upstream whole whose which worst with within your
  four five six seven eight nine ten cross top listed
`);

/** What is a name when a word that is none of MODIFIERS stands before it. */
export const KINDS =
  /\b(?![a-z]+-(?:only|facing|heavy|side|level) )([A-Za-z][A-Za-z-]*) (services?|microservices?|endpoints?|routes?|apis?)\b/gi;

/** Ends of words that are names of parts rather than English: `payment-db`, `auth-gateway`. */
export const PART_NAME =
  /\b(?!cross-|per-|multi-|inter-|micro-|single-|other-)[a-z]+(?:-[a-z]+)*-(?:db|api|svc|service|services|gateway|server|worker|queue|cache|store|proxy|app|backend|frontend|cluster|node|pod|job|topic|broker)s?\b/gi;

/** Products that models like to blame; where the evidence has them, they are names and stand here no more. */
export const PRODUCT =
  /\b(?:redis|memcached|postgres|postgresql|mysql|mariadb|sqlite|mongo|mongodb|cassandra|dynamodb|oracle|elasticsearch|opensearch|kafka|redpanda|rabbitmq|kubernetes|k8s|docker|istio|envoy|nginx|apache|haproxy|traefik|cloudflare|aws|amazon|azure|gcp|google|microsoft|lambda|stripe|paypal|twilio|auth0|okta|github|gitlab|jenkins|argocd|terraform|datadog|grafana|prometheus|splunk|sentry|pagerduty|slack|opsgenie|jaeger|kibana|linux|jvm|java|python|node\.?js|golang|openai|ollama|llama)\b/gi;
