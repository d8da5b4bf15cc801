// Says which files must be read again: those whose size, modification time or contents differ.
//
//     sample #true

#include "detector_plugin.h"

#include <stdlib.h>
#include <string.h>

typedef detector_plugin_string_t text_t;
typedef exports_vpo_plugin_detector_sighting_t sighting_t;
typedef exports_vpo_plugin_detector_standing_t standing_t;
typedef exports_vpo_plugin_detector_comparison_t comparison_t;

static text_t copy(const char *text) {
  text_t copied;
  detector_plugin_string_dup(&copied, text);
  return copied;
}

// Memory for a list; running out of it ends the call.
static void *list(size_t count, size_t size) {
  void *memory = calloc(count ? count : 1, size);
  if (!memory) abort();
  return memory;
}

void exports_vpo_plugin_manifest_describe(exports_vpo_plugin_manifest_description_t *ret) {
  vpo_plugin_about_value_spec_t *wanted = list(1, sizeof *wanted);
  wanted->name = copy("wanted");
  wanted->kind = VPO_PLUGIN_ABOUT_VALUE_KIND_BOOLEAN;
  wanted->required = true;
  wanted->summary = copy("Yes or no.");

  vpo_plugin_about_option_spec_t *sample = list(1, sizeof *sample);
  sample->name = copy("sample");
  sample->arguments.ptr = wanted;
  sample->arguments.len = 1;
  sample->summary = copy("Whether contents are compared when only the time differs.");

  memset(ret, 0, sizeof *ret);
  ret->name = copy("{{name}}");
  ret->version = copy("0.1.0");
  ret->summary = copy("A file has changed when its size or its modification time has");
  ret->licence = copy("MIT OR Apache-2.0");
  ret->options.ptr = sample;
  ret->options.len = 1;
}

void exports_vpo_plugin_manifest_check(exports_vpo_plugin_manifest_list_node_t *options,
                                       exports_vpo_plugin_manifest_list_problem_t *ret) {
  exports_vpo_plugin_manifest_list_node_free(options);
  memset(ret, 0, sizeof *ret);
}

static bool is_equal(const comparison_t *comparison) {
  return comparison->recorded.is_some && comparison->recorded.val.len == comparison->now.len &&
         memcmp(comparison->recorded.val.ptr, comparison->now.ptr, comparison->now.len) == 0;
}

static standing_t plainly(uint8_t tag) { return (standing_t){.tag = tag}; }

static standing_t changed(const char *why) {
  return (standing_t){.tag = EXPORTS_VPO_PLUGIN_DETECTOR_STANDING_CHANGED, .val = {.changed = copy(why)}};
}

static standing_t undecided(exports_vpo_plugin_detector_evidence_t evidence) {
  return (standing_t){.tag = EXPORTS_VPO_PLUGIN_DETECTOR_STANDING_UNDECIDED, .val = {.undecided = evidence}};
}

static standing_t standing(bool samples, bool verifies, const sighting_t *sighting) {
  if (!sighting->recorded.is_some) return plainly(EXPORTS_VPO_PLUGIN_DETECTOR_STANDING_NEW);
  if (!sighting->reader_is_current) return changed("read by another reader");
  if (sighting->now.size != sighting->recorded.val.size) return changed("size differs");
  bool same_time = sighting->now.mtime_ns == sighting->recorded.val.mtime_ns;
  uint8_t when_equal =
      same_time ? EXPORTS_VPO_PLUGIN_DETECTOR_STANDING_SAME : EXPORTS_VPO_PLUGIN_DETECTOR_STANDING_TOUCHED;
  if (verifies) {
    if (!sighting->full.is_some) return undecided(EXPORTS_VPO_PLUGIN_DETECTOR_EVIDENCE_FULL);
    if (is_equal(&sighting->full.val)) return plainly(when_equal);
    // Whoever writes to a file moves its time; a failing disk does not.
    return same_time ? plainly(EXPORTS_VPO_PLUGIN_DETECTOR_STANDING_DAMAGED) : changed("contents differ");
  }
  if (same_time) return plainly(when_equal);
  if (!sighting->sample.is_some && samples) return undecided(EXPORTS_VPO_PLUGIN_DETECTOR_EVIDENCE_SAMPLE);
  if (sighting->sample.is_some && is_equal(&sighting->sample.val)) return plainly(when_equal);
  return changed("modification time differs");
}

// One standing for each sighting, in order.
void exports_vpo_plugin_detector_detect(exports_vpo_plugin_detector_list_node_t *options,
                                        exports_vpo_plugin_detector_scan_t *scan,
                                        exports_vpo_plugin_detector_list_sighting_t *batch,
                                        exports_vpo_plugin_detector_list_standing_t *ret) {
  bool samples = false;
  for (size_t at = 0; at < options->len; at++) {
    // `sample` is the only option there is, and vpo has checked that it has its value.
    samples = options->ptr[at].arguments.ptr[0].val.boolean;
  }
  ret->len = batch->len;
  ret->ptr = batch->len ? list(batch->len, sizeof *ret->ptr) : NULL;
  for (size_t at = 0; at < batch->len; at++) ret->ptr[at] = standing(samples, scan->verify_hash, &batch->ptr[at]);
  exports_vpo_plugin_detector_list_node_free(options);
  exports_vpo_plugin_detector_scan_free(scan);
  exports_vpo_plugin_detector_list_sighting_free(batch);
}
