# The catalogues of models, presets and prices, built into core: every models/NAME.json,
# presets/NAME.json and prices/NAME.json becomes a row of a generated source file, MIXNET_EMBEDDED_MODELS (a path in the
# build folder), which belongs to the sources of core.
#
# A new model, preset or list of prices is one new file; the glob finds it at the next build.

# Sets the variable ROWS to the rows of the files in FOLDER.
function(embed_json_files folder rows)
  get_filename_component(folder "${CMAKE_CURRENT_LIST_DIR}/../../${folder}" ABSOLUTE)
  file(GLOB files CONFIGURE_DEPENDS "${folder}/*.json")
  set(names "")
  foreach(file ${files})
    # A changed text is embedded again
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
    # NAME_WLE: names may have dots, as qwen1.5-moe.json
    get_filename_component(name "${file}" NAME_WLE)
    list(APPEND names ${name})
  endforeach()
  list(SORT names)
  set(text "")
  foreach(name ${names})
    file(READ "${folder}/${name}.json" json)
    string(APPEND text "        {\"${name}\", R\"json(${json})json\"},\n")
  endforeach()
  set(${rows} "${text}" PARENT_SCOPE)
endfunction()

embed_json_files(models EMBEDDED_MODEL_ROWS)
embed_json_files(presets EMBEDDED_PRESET_ROWS)
embed_json_files(prices EMBEDDED_PRICE_ROWS)

set(MIXNET_EMBEDDED_MODELS ${CMAKE_CURRENT_BINARY_DIR}/embedded-models.cc)
configure_file(
  "${CMAKE_CURRENT_LIST_DIR}/embedded-models.cc.in" "${MIXNET_EMBEDDED_MODELS}" @ONLY
)
