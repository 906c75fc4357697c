-- Grain: the regions of scans that are in the store, from the frames "incoming_registration", "incoming_region_load" and
-- "incoming_lesion_region" (each with scan_id). Parameters: $protocol_id. What was known of these scans' regions goes. Run statement by
-- statement.
DELETE FROM region_load WHERE protocol_id = $protocol_id AND scan_id IN (SELECT scan_id FROM incoming_registration);
DELETE FROM registration WHERE protocol_id = $protocol_id AND scan_id IN (SELECT scan_id FROM incoming_registration);
INSERT INTO registration BY NAME
SELECT *, $protocol_id AS protocol_id
FROM incoming_registration;
INSERT INTO region_load BY NAME
SELECT *, $protocol_id AS protocol_id
FROM incoming_region_load;
UPDATE lesion SET region = NULL, side = NULL
WHERE protocol_id = $protocol_id AND scan_id IN (SELECT scan_id FROM incoming_registration);
UPDATE lesion SET region = i.region, side = i.side
FROM incoming_lesion_region AS i
WHERE
    lesion.protocol_id = $protocol_id
    AND lesion.scan_id = i.scan_id
    AND lesion.whole_lesion_number = i.whole_lesion_number;
DELETE FROM scan_flag
WHERE
    flag = 'no_regions'
    AND protocol_id = $protocol_id
    AND scan_id IN (SELECT scan_id FROM incoming_registration WHERE reason IS NULL);
